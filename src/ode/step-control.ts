import { exp, log } from '../elementary.js'

/** How the step size follows the error estimate. */
export interface StepControlOptions {
  /** Exponents of the last and the one-before-last scaled error, before division by the order. Default 0.7 and −0.4. */
  readonly last?: number
  readonly beforeLast?: number
  /** The step aimed at is this much shorter than the estimate allows. Default 0.9. */
  readonly safety?: number
  /** Bounds of h_new / h. Default 0.2 and 5. */
  readonly shrinkLimit?: number
  readonly growthLimit?: number
}

/**
 * Proportional-integral control: h_new = h · safety · e_n^(−β₁/k) · e_{n−1}^(−β₂/k), e the error in units of the tolerance
 * and k the order of the estimate. β = (0.7, −0.4) damps the alternation of accepted and rejected steps that β = (1, 0) shows.
 * @see Gustafsson, ACM TOMS 17(4), 1991, doi:10.1145/210232.210242; Hairer & Wanner II, IV.2.
 */
export class StepControl {
  readonly #last: number
  readonly #beforeLast: number
  readonly #safety: number
  readonly #shrinkLimit: number
  readonly #growthLimit: number
  /** ln of the last accepted error; 0 when there is none. */
  #memory = 0

  constructor(order: number, options: StepControlOptions = {}) {
    this.#last = (options.last ?? 0.7) / order
    this.#beforeLast = (options.beforeLast ?? -0.4) / order
    this.#safety = options.safety ?? 0.9
    this.#shrinkLimit = options.shrinkLimit ?? 0.2
    this.#growthLimit = options.growthLimit ?? 5
  }

  /** h_new / h after a step with this error; NaN and Infinity shrink as far as allowed. */
  factor(error: number): number {
    if (!(error < Infinity)) return this.#shrinkLimit
    const factor = this.#safety * exp(-this.#last * logOf(error) - this.#beforeLast * this.#memory)
    return Math.min(this.#growthLimit, Math.max(this.#shrinkLimit, factor))
  }

  /** Makes this the error of the step before the next one. */
  remember(error: number): void {
    this.#memory = logOf(error)
  }
}

/** An error of zero must not make an infinity of the logarithm; below 1e-8 the growth limit decides anyway. */
function logOf(error: number): number {
  return log(Math.max(error, 1e-8))
}
