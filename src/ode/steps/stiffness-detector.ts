import type { TapeStep } from '../solution/tape.js'
import type { Tolerances } from './local-error.js'

/**
 * Suspicious steps that make a field stiff, and steps in a row without suspicion that clear it. DOPRI5 takes 15 and calls two of
 * the 25 problems of DETEST stiff at 1e-6; with 32 only C2 at 1e-4 is, and true stiffness is found within 60 steps.
 */
export const ALARM = 32
export const CLEAR = 6

/**
 * Tells from accepted explicit steps whether their size is limited by stability instead of accuracy. The last two stages stand
 * at the same time, so h ‖k_S − k_{S−1}‖ / ‖Y_S − Y_{S−1}‖, in units of the tolerance, estimates h |λ| of the fastest rate; near
 * the stability limit of the method step after step, the field is stiff there.
 * @see Hairer & Wanner, "Solving Ordinary Differential Equations II", 2nd ed. 1996, IV.2 (as in DOPRI5).
 */
export class StiffnessDetector {
  /** Suspicious steps, and calm ones since. */
  readonly #counts: Float64Array
  readonly #tolerances: Tolerances

  /** @param counts Two numbers to keep the state in. */
  constructor(tolerances: Tolerances, counts: Float64Array) {
    this.#tolerances = tolerances
    this.#counts = counts
  }

  /** @returns true when the field has to be called stiff. Cost: 12d flops. */
  observe(step: TapeStep): boolean {
    const counts = this.#counts
    if (this.#rate(step) * Math.abs(step.h) > 0.95 * step.method.stability) {
      counts[1] = 0
      counts[0]!++
      if (counts[0] !== ALARM) return false
      counts[0] = 0
      return true
    }
    if (++counts[1]! >= CLEAR) counts.fill(0)
    return false
  }

  #rate({ states, slopes, method: { stages } }: TapeStep): number {
    const { rtol, atol, normed } = this.#tolerances
    const [y1, y0, k1, k0] = [states[stages - 1]!, states[stages - 2]!, slopes[stages - 1]!, slopes[stages - 2]!]
    let [numerator, denominator] = [0, 0]
    for (let i = 0; i < normed; i++) {
      const scale = 1 / (atol + rtol * Math.abs(y1[i]!))
      const [slope, state] = [(k1[i]! - k0[i]!) * scale, (y1[i]! - y0[i]!) * scale]
      numerator += slope * slope
      denominator += state * state
    }
    return denominator > 0 ? Math.sqrt(numerator / denominator) : 0
  }
}
