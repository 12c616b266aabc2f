import type { TapeStep } from '../solution/tape.js'
import type { Tableau } from '../tableau/tableau.js'

/** Computes the stages of one step of one method. */
export interface Scheme {
  readonly method: Tableau
  /** Evaluations of f so far. */
  readonly evaluations: number
  /** Jacobians of f so far. */
  readonly jacobians: number
  /** Starts a stretch: nothing is carried over from before it, so that a learner can be restored without. */
  begin(): void
  /**
   * Fills the states and slopes of a step from z [d] at step.t over step.h, and writes the state at its end.
   * @returns false when the equations of an implicit stage could not be solved.
   */
  attempt(step: TapeStep, z: Float64Array, end: Float64Array, start: StepStart): boolean
}

/**
 * What is known at the start of a step: nothing (an observation came before it), its first slope (first same as last), or, when
 * it is tried again shorter, everything.
 */
export type StepStart = 'new' | 'slope-known' | 'again'
