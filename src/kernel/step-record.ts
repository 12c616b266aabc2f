import type { Arena } from './arena.js'
import { ArenaArray } from './arena-array.js'

/** One step in the memory of the kernels: its times, and its stages Y_s, k_s [d], with what evaluations left for their vjps. */
export interface StepRecord {
  readonly address: number
  /** t, h, and when stages at the end of the step are evaluated. */
  readonly times: Float64Array
  readonly states: readonly Float64Array[]
  readonly slopes: readonly Float64Array[]
  readonly kept: readonly Float64Array[]
  /** What its memory lives as long as, and how much that is. */
  readonly owner: object
  readonly bytes: number
}

/** Where the words of `StepRecord` in assembly/step.ts begin: addresses of the three kinds of arrays, the step before, the step behind. */
const WORDS = 24
const [PREVIOUS, NEXT] = [WORDS + 12, WORDS + 16]
const HEADER = 64

/** A record of `count` stages. Undefined when there is no room. */
export function createStepRecord(arena: Arena, count: number, dimension: number, kept: number): StepRecord | undefined {
  const line = (length: number) => Math.ceil((length * 8) / 64) * 64
  const [state, left] = [line(dimension), line(kept)]
  const owner = {}
  const bytes = HEADER + count * (2 * state + left)
  const address = arena.allocate(bytes, owner)
  if (address === 0) return undefined
  const [states, slopes] = [address + HEADER, address + HEADER + count * state]
  const behind = slopes + count * state
  const { buffer } = arena.memory
  new Uint32Array(buffer, address + WORDS, 3).set([states, slopes, behind])
  const arrays = (first: number, stride: number, length: number) =>
    Array.from({ length: count }, (_, s) => ArenaArray.at(buffer, first + s * stride, length, owner))
  return {
    address,
    times: ArenaArray.at(buffer, address, 3, owner),
    states: arrays(states, state, dimension),
    slopes: arrays(slopes, state, dimension),
    kept: arrays(behind, left, kept),
    owner,
    bytes,
  }
}

/** Gives its memory back before the garbage collector does; nobody may use its arrays any more. */
export function releaseStepRecord(arena: Arena, { owner, address, bytes }: StepRecord): void {
  arena.release(owner, address, bytes)
}

/** Makes one record follow the other. */
export function linkRecords(arena: Arena, first: number, second: number): void {
  const { buffer } = arena.memory
  new Uint32Array(buffer, first + NEXT, 1)[0] = second
  new Uint32Array(buffer, second + PREVIOUS, 1)[0] = first
}

/** Makes a record the last one. */
export function unlinkRecord(arena: Arena, last: number): void {
  new Uint32Array(arena.memory.buffer, last + NEXT, 1)[0] = 0
}
