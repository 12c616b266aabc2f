import type { Outcome } from '../ode/outcome.js'
import type { Tape } from '../ode/solution/tape.js'

/** A time at which a sweep stops: an observation, or an event. */
export interface Place {
  t: number
  /** Tape steps that begin before t. */
  steps: number
  /** Where t lies in the last of them: 1 at its end. */
  theta: number
  /** z(t⁻) and z(t⁺) [d]. */
  readonly before: Float64Array
  readonly after: Float64Array
  /** Which observation or event it is; −1 for none. */
  observation: number
  event: number
}

/**
 * Carries an adjoint backward over the tape of a forward sweep, from place to place. What is injected at the places is no affair
 * of it: the sweep adds jumps to a.
 */
export interface Adjoint {
  /** vjps, and evaluations of f that going backward needed, so far. */
  readonly evaluations: number
  /** Starts behind the last step of the tape. @param gradient ∂L/∂θ [p], added to from now on. */
  start(tape: Tape, gradient: Float64Array): void
  /** Pulls a(t) [d] back to a place at an earlier or the same time. @param place Nothing: the start of the tape. */
  pullTo(place: Place | undefined, a: Float64Array): Outcome
  /** Completes a(t), in which the last stage may be left out until the next pull shows what it can be merged with. */
  settle(a: Float64Array): void
  /** r [d] has been added to a at this place. */
  injected(place: Place, r: Float64Array): void
}
