import { Jacobian } from '../../field/jacobian.js'
import type { VectorField } from '../../field/vector-field.js'
import { stageTime, type TapeStep } from '../solution/tape.js'
import { errorNorm } from '../steps/error-norm.js'
import type { Tolerances } from '../steps/local-error.js'
import type { Tableau } from '../tableau/tableau.js'
import { combine } from './combine.js'
import { Lu } from './lu.js'
import type { Scheme, StepStart } from './scheme.js'

/** A stage is solved when what is left of it is this share of the tolerance. */
const SOLVED = 1e-3
const MOST_ITERATIONS = 25
/** A slower convergence than this asks for a new Jacobian at the next step. */
const SLOW = 0.1

/**
 * Diagonally implicit stages, Y_s = z + h Σ_{j<s} a_sj k_j + h a_ss f(Y_s), each by a simplified Newton iteration: one Jacobian
 * for as long as it converges well, one LU factorisation for each step size.
 * @see Hairer & Wanner, "Solving Ordinary Differential Equations II", 2nd ed. 1996, IV.8.
 */
export class ImplicitScheme implements Scheme {
  readonly method: Tableau
  evaluations = 0
  jacobians = 0
  readonly #field: VectorField
  readonly #tolerances: Tolerances
  readonly #jacobian: Jacobian
  readonly #lu: Lu
  /** What Y_s is but for its own slope; −G of the iteration; f(Y_s). */
  readonly #base: Float64Array
  readonly #change: Float64Array
  readonly #slope: Float64Array
  /** h a_ss of the factors; NaN without any. */
  #factored = Number.NaN
  /** Is the Jacobian good enough, and does it belong to the start of the step tried now? */
  #usable = false
  #current = false

  constructor(field: VectorField, method: Tableau, tolerances: Tolerances) {
    const d = field.dimension
    this.#field = field
    this.method = method
    this.#tolerances = tolerances
    this.#jacobian = new Jacobian(field)
    this.#lu = new Lu(d)
    this.#base = new Float64Array(d)
    this.#change = new Float64Array(d)
    this.#slope = new Float64Array(d)
  }

  /** ‖∂f/∂z‖_∞ of the last Jacobian: a bound of the fastest rate in the field. */
  get rate(): number {
    const { matrix } = this.#jacobian
    const d = this.#base.length
    let largest = 0
    for (let i = 0; i < d; i++) {
      let sum = 0
      for (let j = 0; j < d; j++) sum += Math.abs(matrix[i * d + j]!)
      largest = Math.max(largest, sum)
    }
    return largest
  }

  begin(): void {
    this.#usable = false
  }

  attempt(step: TapeStep, z: Float64Array, end: Float64Array, start: StepStart): boolean {
    step.states[0]!.set(z)
    if (start === 'new') this.#evaluate(step, 0, step.slopes[0]!)
    if (start !== 'again') this.#current = false
    if (this.#stages(step, z)) {
      const { stages, b, firstSameAsLast } = this.method
      if (firstSameAsLast) end.set(step.states[stages - 1]!)
      else combine(z, step.h, b, 0, stages, step.slopes, end)
      return true
    }
    if (this.#current) return false
    this.#usable = false
    return this.attempt(step, z, end, 'again')
  }

  #stages(step: TapeStep, z: Float64Array): boolean {
    const { stages, a } = this.method
    if (!this.#usable) this.#refresh(step)
    for (let s = 1; s < stages; s++) {
      combine(z, step.h, a, s * stages, s, step.slopes, this.#base)
      const weight = step.h * a[s * stages + s]!
      if (weight === 0) {
        step.states[s]!.set(this.#base)
        this.#evaluate(step, s, step.slopes[s]!)
      } else if (!this.#solve(step, s, weight)) return false
    }
    return true
  }

  /** Solves Y = base + weight f(Y) and writes the slope (Y − base) / weight, which a stiff f would give with less accuracy. */
  #solve(step: TapeStep, s: number, weight: number): boolean {
    if (!this.#factor(weight)) return false
    const state = step.states[s]!
    const slope = step.slopes[s]!
    // The slope of the stage before is the first guess.
    const guess = step.slopes[s - 1]!
    for (let i = 0; i < state.length; i++) state[i] = this.#base[i]! + weight * guess[i]!
    let before = Number.POSITIVE_INFINITY
    for (let n = 0; n < MOST_ITERATIONS; n++) {
      const size = this.#iterate(step, s, weight)
      const rate = size / before
      const left = n === 0 ? size : (rate / (1 - rate)) * size
      if (this.#isRounding(state) || (rate < 1 && left <= SOLVED)) {
        for (let i = 0; i < state.length; i++) slope[i] = (state[i]! - this.#base[i]!) / weight
        return true
      }
      if (!(size < Infinity) || (n > 0 && rate >= 1)) return false
      if (n > 0 && rate > SLOW) this.#usable = false
      before = size
    }
    return false
  }

  /** Has the last change reached the last digits of the state? */
  #isRounding(state: Float64Array): boolean {
    for (let i = 0; i < state.length; i++)
      if (!(Math.abs(this.#change[i]!) <= 4 * Number.EPSILON * Math.abs(state[i]!))) return false
    return true
  }

  /** One Newton step: Y −= M⁻¹ (Y − base − weight f(Y)). @returns Its size in units of the tolerance. */
  #iterate(step: TapeStep, s: number, weight: number): number {
    const state = step.states[s]!
    const { rtol, atol, normed } = this.#tolerances
    this.#evaluate(step, s, this.#slope)
    for (let i = 0; i < state.length; i++) this.#change[i] = this.#base[i]! + weight * this.#slope[i]! - state[i]!
    this.#lu.solve(this.#change)
    for (let i = 0; i < state.length; i++) state[i]! += this.#change[i]!
    return errorNorm(this.#change, step.states[0]!, state, rtol, atol, normed)
  }

  #evaluate(step: TapeStep, s: number, slope: Float64Array): void {
    this.#field.evaluate(stageTime(step, this.method.c[s]!), step.states[s]!, slope)
    this.evaluations++
  }

  #refresh(step: TapeStep): void {
    this.#jacobian.evaluate(step.t, step.states[0]!)
    this.jacobians++
    this.#factored = Number.NaN
    this.#usable = true
    this.#current = true
  }

  #factor(weight: number): boolean {
    if (this.#factored === weight) return true
    this.#factored = this.#lu.factorShifted(this.#jacobian.matrix, weight) ? weight : Number.NaN
    return this.#factored === weight
  }
}
