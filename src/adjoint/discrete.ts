import type { VectorField } from '../field/vector-field.js'
import type { Tableau } from '../ode/tableau.js'
import type { TapeStep } from '../ode/tape.js'

/**
 * The exact derivative of one explicit Runge–Kutta step as it was taken. With κ_s = h [b_s λ + Σ_{j>s} a_js μ_j] and
 * μ_s = f_zᵀ κ_s, the step adds f_θᵀ κ_s to ∂L/∂θ and Σ μ_s to λ. One vjp a stage that has any influence.
 * @see Hager 2000, doi:10.1007/s002110000178; Sanz-Serna 2016, doi:10.1137/151002769.
 */
export class DiscreteStepAdjoint {
  readonly #field: VectorField
  readonly #method: Tableau
  readonly #kappa: Float64Array
  readonly #mu: Float64Array[]
  /** Stages that reach the result: the last of a first-same-as-last method does not. */
  readonly #active: boolean[]

  constructor(field: VectorField, method: Tableau) {
    this.#field = field
    this.#method = method
    this.#kappa = new Float64Array(field.dimension)
    this.#mu = Array.from({ length: method.stages }, () => new Float64Array(field.dimension))
    this.#active = activeStages(method)
  }

  /**
   * Pulls a(t + h) back to a(t).
   * @param lambda a(t + h) [d] in, a(t) [d] out. @param atheta ∂L/∂θ [p], added to.
   * @returns vjps spent. Never fails on finite input.
   */
  pullBack(step: TapeStep, lambda: Float64Array, atheta: Float64Array): number {
    const { stages, c } = this.#method
    let spent = 0
    for (let s = stages - 1; s >= 0; s--) {
      const mu = this.#mu[s]!
      mu.fill(0)
      if (!this.#active[s]) continue
      this.#stageCotangent(s, step.h, lambda)
      this.#field.vjp(step.t + c[s]! * step.h, step.states[s]!, this.#kappa, mu, atheta)
      spent++
    }
    for (let s = stages - 1; s >= 0; s--) {
      const mu = this.#mu[s]!
      for (let i = 0; i < lambda.length; i++) lambda[i]! += mu[i]!
    }
    return spent
  }

  #stageCotangent(s: number, h: number, lambda: Float64Array): void {
    const { stages, a, b } = this.#method
    const kappa = this.#kappa
    for (let i = 0; i < kappa.length; i++) {
      let sum = b[s]! * lambda[i]!
      for (let j = s + 1; j < stages; j++) sum += a[j * stages + s]! * this.#mu[j]![i]!
      kappa[i] = h * sum
    }
  }
}

function activeStages({ stages, a, b }: Tableau): boolean[] {
  const active = new Array<boolean>(stages).fill(false)
  for (let s = stages - 1; s >= 0; s--) {
    active[s] = b[s] !== 0
    for (let j = s + 1; j < stages; j++) active[s] ||= active[j]! && a[j * stages + s] !== 0
  }
  return active
}
