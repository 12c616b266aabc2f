import { copy } from '../copy.js'
import { Jacobian } from '../field/jacobian.js'
import type { VectorField } from '../field/vector-field.js'
import { type WholeSteps, wholeStepsOf } from '../field/whole-steps.js'
import { Lu } from '../ode/schemes/lu.js'
import type { DenseReader } from '../ode/solution/dense-reader.js'
import { stageTime, type TapeStep } from '../ode/solution/tape.js'
import type { Tableau } from '../ode/tableau/tableau.js'

/** r [d] injected at θ inside a step. */
export interface CotangentInjection {
  theta: number
  readonly r: Float64Array
}

/**
 * The stages of one step, pulled back in groups: those of the dense output, the last, the inner ones, the first. κ_s is the
 * adjoint of the slope k_s, μ_s = f_zᵀκ_s that of the state Y_s.
 */
export class StageAdjoint {
  vjps = 0
  /** Is the last stage an explicit evaluation at the step's end, which the next step's first stage repeats? */
  lastIsShared = false
  readonly #field: VectorField
  readonly #wholeSteps: WholeSteps | undefined
  readonly #reader: DenseReader
  readonly #kappa: Float64Array
  /** κ of a first stage that waits for its vjp. */
  readonly #first: Float64Array
  readonly #mu: Float64Array[] = []
  readonly #jacobian: Jacobian
  readonly #lu: Lu
  #step: TapeStep | undefined
  /** Σ_i (b_s(θ_i) − b_s) r_i, an array [d] a stage; in use when the step has injections. */
  readonly #inside: Float64Array[] = []
  #injected = false

  constructor(field: VectorField, reader: DenseReader) {
    this.#field = field
    this.#wholeSteps = wholeStepsOf(field)
    this.#reader = reader
    this.#kappa = new Float64Array(field.dimension)
    this.#first = new Float64Array(field.dimension)
    this.#jacobian = new Jacobian(field)
    this.#lu = new Lu(field.dimension)
  }

  /** Takes up a step. */
  begin(step: TapeStep, injections: readonly CotangentInjection[], count: number): void {
    const { method } = step
    this.#step = step
    this.#injected = count > 0
    this.lastIsShared = method.firstSameAsLast && !method.implicit
    while (this.#mu.length < method.dense.stages) {
      this.#mu.push(new Float64Array(this.#kappa.length))
      this.#inside.push(new Float64Array(this.#kappa.length))
    }
    if (count === 0) return
    this.#clear(method.dense.stages)
    this.#spread(method, injections, count)
  }

  #clear(stages: number): void {
    for (let s = 0; s < stages; s++) this.#mu[s]!.fill(0)
  }

  /** The part of each injection that does not go through the state at the end of the step. */
  #spread(method: Tableau, injections: readonly CotangentInjection[], count: number): void {
    for (let s = 0; s < method.dense.stages; s++) this.#inside[s]!.fill(0)
    for (let n = 0; n < count; n++) {
      const { theta, r } = injections[n]!
      const weights = this.#reader.weights(method, theta)
      for (let s = 0; s < method.dense.stages; s++) {
        const weight = weights[s]! - (s < method.stages ? method.b[s]! : 0)
        const inside = this.#inside[s]!
        for (let i = 0; i < r.length; i++) inside[i]! += weight * r[i]!
      }
    }
  }

  /** The stages that only dense output has. Their states hang on the step's start and inner stages alone. */
  pullExtra(gradient: Float64Array): void {
    const { method } = this.#step!
    const { stages, a } = method.dense
    for (let s = stages - 1; s >= method.stages; s--) {
      this.#cotangent(s, undefined, a, stages)
      this.#vjp(this.#step!, s, this.#kappa, this.#mu[s]!, gradient)
    }
  }

  /** The last stage by itself; its state is that at the end of the step, so μ goes to a. */
  pullLast(a: Float64Array, gradient: Float64Array): void {
    this.#lastCotangent()
    this.#vjp(this.#step!, this.#step!.method.stages - 1, this.#kappa, a, gradient)
  }

  /** The last stage together with the first of the step behind it, in one vjp. */
  pullShared(behind: TapeStep, a: Float64Array, gradient: Float64Array): void {
    this.#lastCotangent()
    for (let i = 0; i < a.length; i++) this.#first[i]! += this.#kappa[i]!
    this.#vjp(behind, 0, this.#first, a, gradient)
  }

  /** The first stage of a step that was taken up before. */
  pullFirst(step: TapeStep, a: Float64Array, gradient: Float64Array): void {
    this.#vjp(step, 0, this.#first, a, gradient)
  }

  /**
   * The stages down to `last`, and λ(t + h) becomes λ(t), but for the first stage where that is left out.
   * @returns Does the first still wait? An implicit first stage does not.
   */
  pullInner(lambda: Float64Array, gradient: Float64Array, last: 0 | 1): boolean {
    const step = this.#step!
    const { stages, a, implicit } = step.method
    if (!this.#injected) {
      if (!implicit && this.#pullWhole(step, lambda, gradient, last)) return last === 1
      this.#clear(stages)
    }
    const explicitStart = a[0] === 0
    // With injections the last stage has had its turn, and without any it has no influence.
    for (let s = stages - 1; s >= (explicitStart ? 1 : 0); s--) {
      if (!step.method.active[s]) continue
      this.#cotangent(s, lambda, a, stages)
      if (implicit && a[s * stages + s] !== 0) this.#solveStage(step, s, step.h * a[s * stages + s]!)
      this.#vjp(step, s, this.#kappa, this.#mu[s]!, gradient)
    }
    if (explicitStart) {
      this.#cotangent(0, lambda, a, stages)
      copy(this.#kappa, this.#first)
    }
    for (let s = (this.#injected ? step.method.dense.stages : stages) - 1; s >= 0; s--) {
      const mu = this.#mu[s]!
      for (let i = 0; i < lambda.length; i++) lambda[i]! += mu[i]!
    }
    if (!explicitStart) return false
    if (last === 0) this.pullFirst(step, lambda, gradient)
    return last === 1
  }

  /** The same at once, where the field can do that. */
  #pullWhole(step: TapeStep, lambda: Float64Array, gradient: Float64Array, last: 0 | 1): boolean {
    const { record, method } = step
    const vjps = (record && this.#wholeSteps?.pull(record, method, last, lambda, this.#first, gradient)) ?? -1
    if (vjps < 0) return false
    this.vjps += vjps
    return true
  }

  /** λ(t + h) of a step becomes λ(t) of the one `count` − 1 before it, all of one method, without injections. @returns false, nothing done, when it cannot. */
  pullBack({ record, method }: TapeStep, count: number, lambda: Float64Array, gradient: Float64Array): boolean {
    const vjps = (record && this.#wholeSteps?.pullBack(record, method, count, lambda, gradient)) ?? -1
    if (vjps < 0) return false
    this.vjps += vjps
    return true
  }

  /** κ_s = h [b_s λ + inside_s + Σ_{j>s} a_js μ_j], extra stages included. */
  #cotangent(s: number, lambda: Float64Array | undefined, a: Float64Array, stages: number): void {
    const { h, method } = this.#step!
    const kappa = this.#kappa
    const { dense } = method
    const weight = lambda === undefined ? 0 : method.b[s]!
    const inside = this.#injected ? this.#inside[s]! : undefined
    for (let i = 0; i < kappa.length; i++) {
      let sum = lambda === undefined ? 0 : weight * lambda[i]!
      if (inside) sum += inside[i]!
      for (let j = s + 1; j < stages; j++) sum += a[j * stages + s]! * this.#mu[j]![i]!
      if (inside && stages < dense.stages)
        for (let j = stages; j < dense.stages; j++) sum += dense.a[j * dense.stages + s]! * this.#mu[j]![i]!
      kappa[i] = h * sum
    }
  }

  #lastCotangent(): void {
    const { method } = this.#step!
    this.#cotangent(method.stages - 1, undefined, method.a, method.stages)
  }

  /** κ ← (I − weight f_zᵀ)⁻¹ κ with f_z at the stage. */
  #solveStage(step: TapeStep, s: number, weight: number): void {
    this.#jacobian.evaluate(stageTime(step, step.method.c[s]!), step.states[s]!)
    this.vjps += this.#jacobian.vjps
    // A singular matrix would make the forward stage unsolvable too; then κ stays finite or the result shows it.
    if (this.#lu.factorShifted(this.#jacobian.matrix, weight)) this.#lu.solveTransposed(this.#kappa)
    else this.#kappa.fill(Number.NaN)
  }

  #vjp(step: TapeStep, s: number, kappa: Float64Array, mu: Float64Array, gradient: Float64Array): void {
    const { states, kept, method } = step
    const left = method.implicit ? undefined : kept[s]
    this.#field.vjp(stageTime(step, method.dense.c[s]!), states[s]!, kappa, mu, gradient, left)
    this.vjps++
  }
}
