import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ContraflowError } from '../../src/errors.js'
import { codeOf, type FileSystem } from './file-system.js'

/**
 * Holds a state directory for one run, by an empty file whose name says whose it is: `lock.PID.START.N`. Who wants it makes his
 * own file first and then looks for others: of two, the later one sees the earlier one's, so that never both have it. Two that
 * start at the same moment may both be turned away. The file of a process that is gone counts for nothing and is removed.
 */
export class DirectoryLock {
  readonly #path: string
  readonly #fs: FileSystem

  private constructor(path: string, fs: FileSystem) {
    this.#path = path
    this.#fs = fs
  }

  /** @throws ContraflowError STATE_IN_USE while another process, or another run of this one, holds it. */
  static async take(directory: string, fs: FileSystem): Promise<DirectoryLock> {
    const own = `lock.${process.pid}.${startOf(process.pid)}.${++taken}`
    const lock = new DirectoryLock(join(directory, own), fs)
    try {
      await (await fs.open(lock.#path, 'wx')).close()
      for (const name of await fs.list(directory)) if (name !== own) await removeStale(directory, name, fs)
      return lock
    } catch (error) {
      await lock.release().catch(() => {})
      throw error
    }
  }

  /** Lets the next one in. */
  release(): Promise<void> {
    return this.#fs.unlink(this.#path)
  }
}

/** Locks that this process has taken so far: each has a name of its own. */
let taken = 0

const NAME = /^lock\.(\d+)\.(\d*)\.\d+$/

async function removeStale(directory: string, name: string, fs: FileSystem): Promise<void> {
  const [, pid, start] = NAME.exec(name) ?? []
  if (pid === undefined || start === undefined) return
  if (isRunning(Number(pid), start))
    throw new ContraflowError('STATE_IN_USE', { received: `a directory that process ${pid} uses`, place: directory })
  try {
    await fs.unlink(join(directory, name))
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

/** @param start When it started; a process with the same number that started at another time is another one. */
function isRunning(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false
  }
  // A zombie has a number, and does nothing any more.
  return start === '' || start === startOf(pid)
}

/** Fields 3 and 22 of /proc/pid/stat, after the name in brackets. @returns Empty where the system does not tell, or of a zombie. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? '' : (fields[19] ?? '')
  } catch {
    return ''
  }
}
