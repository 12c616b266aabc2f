import { copy } from '../copy.js'
import { ContraflowError } from '../errors.js'
import type { VectorField } from '../field/vector-field.js'
import type { AdjointName } from '../names.js'
import { Integrator } from '../ode/integrator.js'
import type { IntegratorOptions } from '../ode/integrator-options.js'
import { type Outcome, REACHED } from '../ode/outcome.js'
import { DenseReader } from '../ode/solution/dense-reader.js'
import type { SharedTapes } from '../ode/solution/shared-tapes.js'
import type { Tape } from '../ode/solution/tape.js'
import { requireName } from '../require-option.js'
import type { Adjoint } from './adjoint.js'
import { createAdjoint } from './create-adjoint.js'
import { type EventDefinition, Events } from './events.js'
import { Places } from './places.js'
import type { UpdateMap } from './update/update-map.js'

/** What a sweep runs over: observations y_i at times t_i ≥ t_s that do not decrease, and the state at t_s. */
export interface ObservedPath {
  /** t_s, seconds, or whatever unit the field is in. */
  readonly startTime: number
  /** z_s [d]; read, never written. */
  readonly startState: Float64Array
  /** Observations. */
  readonly length: number
  /** t_i; not before the one before it, nor before t_s. */
  time(index: number): number
  /** y_i [channels]; NaN where nothing was measured. */
  observed(index: number): Float64Array
}

/** How a sweep steps, meets observations and goes back. */
export interface SweepOptions extends IntegratorOptions {
  /**
   * How observations are met. `land` ends a step at each; `interpolate` steps over them and reads the dense output, which takes
   * far fewer evaluations where observations are dense, but is only possible with an update map that never changes the state.
   * Default land.
   */
  readonly meet?: 'land' | 'interpolate'
  /** Default discrete. */
  readonly adjoint?: AdjointName
  /** What may happen on the way. */
  readonly events?: readonly EventDefinition[]
  /** Where the tape comes from when sweeps of other objects use it too, each between its own forward and backward. */
  readonly tapes?: SharedTapes
}

/** Adds what observation `index` injects into the adjoint, ∂l_i/∂z at the state before the jump, to a [d]. */
export type Injection = (index: number, z: Float64Array, a: Float64Array) => void

/** Where a backward sweep adds its gradients. */
export interface SweepGradient {
  /** ∂L/∂θ of the field [p]. */
  readonly field: Float64Array
  /** ∂L/∂φ of the update map. */
  readonly update: Float64Array
  /** ∂L/∂y_i through the update map, an array [channels] an observation, where it is wanted. */
  readonly observed?: readonly Float64Array[]
  /** ∂L/∂ of the parameters of each event's reset, where it is wanted. */
  readonly events?: readonly Float64Array[]
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
  /** What is solved. Its parameters may change between sweeps. */
  readonly field: VectorField
  /** What an observation does to the state. */
  readonly update: UpdateMap
  /** The solver forward: its step size is carried from stretch to stretch and from sweep to sweep. */
  readonly integrator: Integrator
  readonly #tape: Tape
  readonly #ownsTape: boolean
  readonly #adjoint: Adjoint
  readonly #events: Events
  readonly #places: Places
  readonly #reader: DenseReader
  readonly #interpolates: boolean
  readonly #state: Float64Array
  /** a and what is injected into it. */
  readonly #a: Float64Array
  readonly #jump: Float64Array
  #path: ObservedPath | undefined

  /** @throws ContraflowError OPTION_INVALID where `meet: interpolate` comes with jumps of the state, and for what `Integrator` refuses. */
  constructor(field: VectorField, update: UpdateMap, options: SweepOptions) {
    const { meet = 'land', adjoint = 'discrete', events = [] } = options
    requireName('meet', meet, ['land', 'interpolate'])
    if (meet === 'interpolate' && (!update.passive || events.length > 0))
      throw new ContraflowError('OPTION_INVALID', {
        received: 'meet: interpolate where the state jumps',
        expected: 'an update map that never changes the state, and no events',
      })
    this.field = field
    this.update = update
    this.integrator = new Integrator(field, options)
    this.#ownsTape = options.tapes === undefined
    this.#tape = options.tapes?.tapeFor(this.integrator) ?? this.integrator.createTape()
    this.#adjoint = createAdjoint(adjoint, field, options)
    this.#events = new Events(field, events)
    this.#places = new Places(field.dimension)
    this.#reader = new DenseReader(field)
    this.#interpolates = meet === 'interpolate'
    this.#state = new Float64Array(field.dimension)
    this.#a = new Float64Array(field.dimension)
    this.#jump = new Float64Array(field.dimension)
  }

  /** Gives the memory of its tape back, if nobody shares it; the next sweep forward takes new. */
  release(): void {
    if (this.#ownsTape) this.#tape.release()
  }

  /** Observations that the last forward sweep reached. */
  get length(): number {
    return this.#places.observations
  }

  /** Are observations read from inside steps? */
  get steppedOver(): boolean {
    return this.#interpolates
  }

  /** Evaluations of f that sweeps forward have needed so far, and vjps and evaluations that sweeps backward have. */
  get evaluations(): { readonly forward: number; readonly backward: number } {
    const forward = this.integrator.evaluations + this.#reader.evaluations + this.#events.evaluations
    return { forward, backward: this.#adjoint.evaluations }
  }

  /** z(t_i⁻) [d]: the state before observation `index` is used. */
  before(index: number): Float64Array {
    return this.#places.ofObservation(index).before
  }

  /** z(t_i⁺) [d]. */
  after(index: number): Float64Array {
    return this.#places.ofObservation(index).after
  }

  /** y_i of the path swept last. */
  observed(index: number): Float64Array {
    return this.#path!.observed(index)
  }

  /** Writes dz/dt at t_i⁻, as the solver has it there, into out [d]. */
  slope(index: number, out: Float64Array): void {
    const { t, steps, theta, before } = this.#places.ofObservation(index)
    if (theta < 1) this.#reader.slope(this.#tape.step(steps - 1), theta, out)
    else this.field.evaluate(t, before, out)
  }

  /** The events of the last forward sweep, in order. */
  get happened(): readonly { readonly t: number; readonly event: number }[] {
    return this.#places.events
  }

  /** Solves over the path. On any other outcome than reached, the states of the observations reached are valid. */
  forward(path: ObservedPath): Outcome {
    this.field.prepare?.()
    this.#tape.rewind()
    this.#places.clear()
    this.#path = path
    this.#state.set(path.startState)
    return this.#interpolates ? this.#stepOver(path) : this.#land(path)
  }

  #land(path: ObservedPath): Outcome {
    let from = path.startTime
    this.#events.start()
    for (let i = 0; i < path.length; i++) {
      const to = timeAfter(from, path, i)
      const outcome = this.#events.propagate(this.integrator, { from, to }, this.#state, this.#tape, this.#places)
      if (outcome !== REACHED) return outcome
      this.#meet(i, to, path.observed(i))
      from = to
    }
    return REACHED
  }

  #meet(index: number, t: number, y: Float64Array): void {
    const place = this.#places.add(t, this.#tape.length, index)
    copy(this.#state, place.before)
    this.update.apply(place.before, y, place.after)
    copy(place.after, this.#state)
  }

  /** Solves past the last observation, then reads all of them. */
  #stepOver(path: ObservedPath): Outcome {
    if (path.length === 0) return REACHED
    let end = path.startTime
    for (let i = 0; i < path.length; i++) end = timeAfter(end, path, i)
    const outcome = this.integrator.propagatePast(path.startTime, end, this.#state, this.#tape)
    let steps = 0
    for (let i = 0; i < path.length; i++) {
      const t = path.time(i)
      while (steps < this.#tape.length && (steps === 0 ? path.startTime : this.#tape.step(steps).t) < t) steps++
      if (!this.#readAt(i, t, steps, path.startState)) return outcome
    }
    return REACHED
  }

  /** @param steps Tape steps that begin before t. @returns false when the solver did not get there. */
  #readAt(index: number, t: number, steps: number, start: Float64Array): boolean {
    const step = steps === 0 ? undefined : this.#tape.step(steps - 1)
    const theta = step === undefined ? 1 : (t - step.t) / step.h
    if (theta > 1 + 1e-9) return false
    const place = this.#places.add(t, steps, index)
    place.theta = Math.min(1, theta)
    if (step === undefined) place.before.set(start)
    else this.#reader.state(step, place.theta, place.before)
    copy(place.before, place.after)
    return true
  }

  /**
   * Pulls the adjoint from the last observation back to t_s, adding the gradients of θ and φ on the way.
   * @returns a(t_s) [d] = ∂L/∂z_s; valid until the next call. Where a continuous adjoint cannot be solved, it is NaN.
   */
  backward(inject: Injection, gradient: SweepGradient, visitor?: JumpVisitor): Float64Array {
    this.field.gather?.(gradient.field)
    const a = this.#pullBack(inject, gradient, visitor)
    this.field.settle?.()
    return a
  }

  #pullBack(inject: Injection, gradient: SweepGradient, visitor: JumpVisitor | undefined): Float64Array {
    const a = this.#a
    const adjoint = this.#adjoint
    a.fill(0)
    adjoint.start(this.#tape, gradient.field)
    for (let n = this.#places.length - 1; n >= 0; n--) {
      const place = this.#places.at(n)
      if (adjoint.pullTo(place, a) !== REACHED) return a.fill(Number.NaN)
      if (visitor || !this.#interpolates) adjoint.settle(a)
      if (place.event >= 0) this.#events.pullBack(place, a, gradient.events)
      else this.#inject(place.observation, n, inject, gradient, visitor)
    }
    return adjoint.pullTo(undefined, a) === REACHED ? a : a.fill(Number.NaN)
  }

  #inject(
    index: number,
    n: number,
    inject: Injection,
    gradient: SweepGradient,
    visitor: JumpVisitor | undefined,
  ): void {
    const a = this.#a
    const place = this.#places.at(n)
    visitor?.before(index, a)
    // Nothing has been injected yet at the last place, so its update map has no influence.
    if (n < this.#places.length - 1)
      this.update.vjp(place.before, this.observed(index), a, gradient.update, gradient.observed?.[index])
    for (let i = 0; i < a.length; i++) this.#jump[i] = 0
    inject(index, place.before, this.#jump)
    this.#adjoint.injected(place, this.#jump)
    for (let i = 0; i < a.length; i++) a[i]! += this.#jump[i]!
    visitor?.after(index, a)
  }
}

function timeAfter(from: number, path: ObservedPath, index: number): number {
  const to = path.time(index)
  if (!(to >= from && to < Infinity))
    throw new ContraflowError('TIME_NOT_MONOTONE', { received: `t=${to} after t=${from}` })
  return to
}
