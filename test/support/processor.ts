import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Seconds of a thread on its processor, and those in which it could have worked had others not been there. */
export interface ProcessorTime {
  readonly worked: number
  readonly waited: number
}

/** What the first thread of a process has had of its processor since it began. */
export function processorTime(pid: number): ProcessorTime {
  const [worked, waited] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ').map(Number) as [number, number]
  return { worked: worked / 1e9, waited: waited / 1e9 }
}

/**
 * Gives two processes a processor each, for all their threads.
 * @returns Lets the second one go anywhere again; undefined where there are no two processors, or no `taskset`.
 */
export function keepApart(first: number, second: number): (() => void) | undefined {
  if (availableParallelism() < 2) return undefined
  try {
    const before = taskset('-cp', String(second)).split(': ').at(-1)!.trim()
    const [one, other] = processors(before)
    taskset('-acp', String(one), String(first))
    taskset('-acp', String(other), String(second))
    return () => void taskset('-acp', before, String(second))
  } catch {
    return undefined
  }
}

/** The first and the last of a list like `0-3,6`. */
function processors(list: string): [first: number, last: number] {
  const numbers = list.split(/[-,]/).map(Number)
  return [numbers[0]!, numbers.at(-1)!]
}

function taskset(...args: readonly string[]): string {
  return execFileSync('taskset', args, { encoding: 'utf8' })
}
