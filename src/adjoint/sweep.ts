import { ContraflowError } from '../errors.js'
import type { VectorField } from '../field/vector-field.js'
import { Integrator, type IntegratorOptions } from '../ode/integrator.js'
import { type Outcome, REACHED } from '../ode/outcome.js'
import type { Tape } from '../ode/tape.js'
import { DiscreteStepAdjoint } from './discrete.js'
import type { UpdateMap } from './update/update-map.js'

/** What a sweep runs over: observations y_i at times t_i ≥ t_s that do not decrease, and the state at t_s. */
export interface ObservedPath {
  readonly startTime: number
  readonly startState: Float64Array
  readonly length: number
  time(index: number): number
  observed(index: number): Float64Array
}

/** Adds what observation `index` injects into the adjoint, ∂l_i/∂z at the state before the jump, to a [d]. */
export type Injection = (index: number, z: Float64Array, a: Float64Array) => void

/** Where a backward sweep adds its gradients. */
export interface SweepGradient {
  /** ∂L/∂θ of the field [p]. */
  readonly field: Float64Array
  /** ∂L/∂φ of the update map. */
  readonly update: Float64Array
}

/** What a backward sweep shows of one observation time, in the order it travels. */
export interface JumpVisitor {
  /** a(t_i⁺), before anything is injected. */
  before(index: number, a: Float64Array): void
  /** a(t_i⁻), with the jump. */
  after(index: number, a: Float64Array): void
}

/**
 * One pass forward over a window and as many backward as are wanted. Forward, the state is carried from observation to
 * observation and changed by the update map at each. Backward, the adjoint starts at zero: there is no other source than
 * what the observations inject.
 *
 * Allocates nothing once the window has had its length.
 */
export class Sweep {
  readonly field: VectorField
  readonly update: UpdateMap
  readonly integrator: Integrator
  /** vjps so far. */
  vjps = 0
  readonly #tape: Tape
  readonly #step: DiscreteStepAdjoint
  /** Per observation: z before and after the jump, and the number of tape steps up to it. */
  readonly #before: Float64Array[] = []
  readonly #after: Float64Array[] = []
  readonly #stepsUpTo: number[] = []
  readonly #state: Float64Array
  readonly #adjoint: Float64Array
  #path: ObservedPath | undefined
  #length = 0

  constructor(field: VectorField, update: UpdateMap, options: IntegratorOptions) {
    this.field = field
    this.update = update
    this.integrator = new Integrator(field, options)
    this.#tape = this.integrator.createTape()
    this.#step = new DiscreteStepAdjoint(field, options.method)
    this.#state = new Float64Array(field.dimension)
    this.#adjoint = new Float64Array(field.dimension)
  }

  /** Observations that the last forward sweep reached. */
  get length(): number {
    return this.#length
  }

  /** z(t_i⁻) [d]: the state before observation `index` is used. */
  before(index: number): Float64Array {
    return this.#before[index]!
  }

  /** z(t_i⁺) [d]. */
  after(index: number): Float64Array {
    return this.#after[index]!
  }

  /** y_i of the path swept last. */
  observed(index: number): Float64Array {
    return this.#path!.observed(index)
  }

  /** Solves over the path. On any other outcome than reached, the states of the observations reached are valid. */
  forward(path: ObservedPath): Outcome {
    this.#tape.rewind()
    this.#path = path
    this.#length = 0
    this.#state.set(path.startState)
    let from = path.startTime
    for (let i = 0; i < path.length; i++) {
      const to = path.time(i)
      if (to < from) throw new ContraflowError('TIME_NOT_MONOTONE', { received: `t=${to} after t=${from}` })
      const outcome = this.integrator.propagate(from, to, this.#state, this.#tape)
      if (outcome !== REACHED) return outcome
      this.#meet(i, path.observed(i))
      from = to
    }
    return REACHED
  }

  #meet(index: number, y: Float64Array): void {
    if (this.#before.length === index) {
      this.#before.push(new Float64Array(this.field.dimension))
      this.#after.push(new Float64Array(this.field.dimension))
    }
    this.#before[index]!.set(this.#state)
    this.update.apply(this.#before[index]!, y, this.#after[index]!)
    this.#state.set(this.#after[index]!)
    this.#stepsUpTo[index] = this.#tape.length
    this.#length = index + 1
  }

  /**
   * Pulls the adjoint from the last observation back to t_s, adding the gradients of θ and φ on the way.
   * @returns a(t_s) [d] = ∂L/∂z_s; valid until the next call.
   */
  backward(inject: Injection, gradient: SweepGradient, visitor?: JumpVisitor): Float64Array {
    const a = this.#adjoint
    a.fill(0)
    for (let i = this.#length - 1; i >= 0; i--) {
      visitor?.before(i, a)
      // Nothing has been injected yet at the last observation, so its update map has no influence.
      if (i < this.#length - 1) this.update.vjp(this.#before[i]!, this.observed(i), a, gradient.update)
      inject(i, this.#before[i]!, a)
      visitor?.after(i, a)
      const first = i === 0 ? 0 : this.#stepsUpTo[i - 1]!
      for (let n = this.#stepsUpTo[i]! - 1; n >= first; n--)
        this.vjps += this.#step.pullBack(this.#tape.step(n), a, gradient.field)
    }
    return a
  }
}
