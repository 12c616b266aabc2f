import { readFileSync } from 'node:fs'
import { codeOf } from '../files/code-of.js'

/** @param start When it started; a process with the same number that started at another time is another one. */
export function isRunning(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false
  }
  // A zombie has a number, and does nothing any more.
  return start === '' || start === startOf(pid)
}

/** Fields 3 and 22 of /proc/pid/stat, after the name in brackets. @returns Empty where the system does not tell, or of a zombie. */
export function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? '' : (fields[19] ?? '')
  } catch {
    return ''
  }
}
