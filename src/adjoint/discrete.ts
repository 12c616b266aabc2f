import type { VectorField } from '../field/vector-field.js'
import { type Outcome, REACHED } from '../ode/outcome.js'
import { DenseReader } from '../ode/solution/dense-reader.js'
import type { Tape, TapeStep } from '../ode/solution/tape.js'
import type { Adjoint, Place } from './adjoint.js'
import { type CotangentInjection, StageAdjoint } from './stage-adjoint.js'

/**
 * The exact derivative of the numbers that were computed, steps taken as given. With κ_s = h [b_s λ + Σ_{j>s} a_js μ_j] and
 * μ_s = f_zᵀ κ_s, a step adds f_θᵀ κ_s to ∂L/∂θ and Σ μ_s to λ; an implicit stage solves (I − h a_ss f_zᵀ) κ_s = … first.
 *
 * An observation inside a step injects through the dense output: κ_s gets h b_s(θ) r in place of h b_s r. Its first stage is
 * the last one of the step before it, so that the two share one vjp: S − 1 vjps a step of a first-same-as-last method.
 * @see Hager 2000, doi:10.1007/s002110000178; Alexe & Sandu 2009, doi:10.1016/j.amc.2008.11.017; Sanz-Serna 2016,
 * doi:10.1137/151002769.
 */
export class DiscreteAdjoint implements Adjoint {
  readonly #stages: StageAdjoint
  readonly #injections: CotangentInjection[] = []
  #injectionCount = 0
  #tape: Tape | undefined
  #gradient: Float64Array = new Float64Array(0)
  /** Steps not yet pulled back through. */
  #left = 0
  /** The step whose first stage waits for its vjp. */
  #waiting: TapeStep | undefined
  /** The stage that a step is pulled back to at once. */
  readonly #last: 0 | 1

  /** @param inside May observations lie inside steps? */
  constructor(field: VectorField, inside: boolean) {
    // Only then has the last stage of a step a vjp of its own, that the first of the step behind it can wait for.
    this.#last = inside ? 1 : 0
    this.#stages = new StageAdjoint(field, new DenseReader(field))
  }

  get evaluations(): number {
    return this.#stages.vjps
  }

  start(tape: Tape, gradient: Float64Array): void {
    this.#tape = tape
    this.#gradient = gradient
    this.#left = tape.length
    this.#injectionCount = 0
    this.#waiting = undefined
  }

  pullTo(place: Place | undefined, a: Float64Array): Outcome {
    const end = place === undefined ? 0 : place.steps
    if (this.#last === 0 && this.#left > end && this.#pullWritten(this.#left - end, a)) this.#left = end
    while (this.#left > end) this.#pullBack(this.#tape!.step(--this.#left), a)
    if (place === undefined) this.settle(a)
    return REACHED
  }

  settle(a: Float64Array): void {
    if (this.#waiting) this.#stages.pullFirst(this.#waiting, a, this.#gradient)
    this.#waiting = undefined
  }

  injected({ theta }: Place, r: Float64Array): void {
    if (theta === 1) return
    const slot = (this.#injections[this.#injectionCount++] ??= { theta, r: new Float64Array(r.length) })
    slot.theta = theta
    slot.r.set(r)
  }

  /** Several steps at once, where the field can do that. Observations lie between steps, so nothing is injected in one. */
  #pullWritten(count: number, a: Float64Array): boolean {
    const step = this.#tape!.step(this.#left - 1)
    if (step.method.implicit) return false
    for (let n = 2; n <= count; n++) if (this.#tape!.step(this.#left - n).method !== step.method) return false
    return this.#stages.pullBack(step, count, a, this.#gradient)
  }

  #pullBack(step: TapeStep, a: Float64Array): void {
    const stages = this.#stages
    stages.begin(step, this.#injections, this.#injectionCount)
    const inside = this.#injectionCount > 0
    this.#injectionCount = 0
    if (inside) stages.pullExtra(this.#gradient)
    if (inside && stages.lastIsShared) {
      // What the last stage injects belongs to the first of the step behind it.
      if (this.#waiting) stages.pullShared(this.#waiting, a, this.#gradient)
      else stages.pullLast(a, this.#gradient)
      this.#waiting = undefined
    }
    this.settle(a)
    this.#waiting = stages.pullInner(a, this.#gradient, this.#last) ? step : undefined
  }
}
