import type { TapeStep } from '../solution/tape.js'
import type { Tableau } from '../tableau/tableau.js'
import { errorNorm } from './error-norm.js'

/** Tolerances of the local error, by component. */
export interface Tolerances {
  readonly rtol: number
  readonly atol: number
  /** Components that enter the norm, from the first. */
  readonly normed: number
}

/** The local error of steps of one method, in units of the tolerance. */
export class LocalError {
  readonly #method: Tableau
  readonly #tolerances: Tolerances
  readonly #error: Float64Array

  constructor(method: Tableau, dimension: number, tolerances: Tolerances) {
    this.#method = method
    this.#tolerances = tolerances
    this.#error = new Float64Array(dimension)
  }

  /** @param end z at the end of the step [d]. @returns At most 1 for an acceptable step; NaN when anything is. */
  of(step: TapeStep, end: Float64Array): number {
    const { bError, bErrorLow } = this.#method
    const first = this.#norm(bError, step, end)
    if (bErrorLow.length === 0 || !(first > 0)) return first
    const second = this.#norm(bErrorLow, step, end)
    return (first * first) / Math.sqrt(first * first + 0.01 * second * second)
  }

  #norm(weights: Float64Array, { h, slopes, states }: TapeStep, end: Float64Array): number {
    const error = this.#error
    const { rtol, atol, normed } = this.#tolerances
    for (let i = 0; i < normed; i++) error[i] = 0
    for (let s = 0; s < weights.length; s++) {
      const [weight, slope] = [weights[s]!, slopes[s]!]
      for (let i = 0; i < normed; i++) error[i]! += weight * slope[i]!
    }
    for (let i = 0; i < normed; i++) error[i]! *= h
    return errorNorm(error, states[0]!, end, rtol, atol, normed)
  }
}
