import type { VectorField } from '../../field/vector-field.js'
import { combine } from '../schemes/combine.js'
import type { Tableau } from '../tableau/tableau.js'
import { stageTime, type TapeStep } from './tape.js'

/** Reads a step between its ends, with the dense output of its method. Allocates nothing. */
export class DenseReader {
  /** Evaluations of f for extra stages so far. */
  evaluations = 0
  readonly #field: VectorField
  #weights: Float64Array = new Float64Array(16)

  constructor(field: VectorField) {
    this.#field = field
  }

  /** z(t + θh) [d]. θ in [0, 1]; at 0 and 1 the states of the step: of explicit methods to the bit, of implicit ones to a unit in the last place. */
  state(step: TapeStep, theta: number, out: Float64Array): void {
    this.#extend(step)
    combine(step.states[0]!, step.h, this.weights(step.method, theta), 0, step.method.dense.stages, step.slopes, out)
  }

  /** dz/dt of the dense output at t + θh [d]. */
  slope(step: TapeStep, theta: number, out: Float64Array): void {
    this.#extend(step)
    const { stages, degree, coefficients } = step.method.dense
    out.fill(0)
    for (let s = 0; s < stages; s++) {
      let weight = 0
      for (let k = degree - 1; k >= 0; k--) weight = weight * theta + (k + 1) * coefficients[s * degree + k]!
      for (let i = 0; i < out.length; i++) out[i]! += weight * step.slopes[s]![i]!
    }
  }

  /** b_s(θ) of every stage, the extra ones included; valid until the next call. */
  weights({ dense, b }: Tableau, theta: number): Float64Array {
    const { stages, degree, coefficients } = dense
    if (this.#weights.length < stages) this.#weights = new Float64Array(stages)
    if (theta === 1) {
      // Those of the step itself: the sums of published coefficients, some of a thousand, round to something near them.
      this.#weights.fill(0).set(b)
      return this.#weights
    }
    for (let s = 0; s < stages; s++) {
      let weight = 0
      for (let k = degree - 1; k >= 0; k--) weight = (weight + coefficients[s * degree + k]!) * theta
      this.#weights[s] = weight
    }
    return this.#weights
  }

  /** Evaluates the stages that only dense output needs, once a step. */
  #extend(step: TapeStep): void {
    if (step.extended) return
    step.extended = true
    const { h, states, slopes, kept, method } = step
    const { stages, a, c } = method.dense
    for (let s = method.stages; s < stages; s++) {
      combine(states[0]!, h, a, s * stages, s, slopes, states[s]!)
      this.#field.evaluate(stageTime(step, c[s]!), states[s]!, slopes[s]!, kept[s])
      this.evaluations++
    }
  }
}
