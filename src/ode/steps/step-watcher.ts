import type { TapeStep } from '../solution/tape.js'

/** Looks at every step of a stretch before it is accepted, and may end the stretch in it. */
export interface StepWatcher {
  /** @returns Where to end the stretch, inside this step; NaN to go on. */
  stopIn(step: TapeStep): number
  /** @param z The state reached at t. @returns A better time to end at; t itself when it is good enough. */
  refine(t: number, z: Float64Array): number
}
