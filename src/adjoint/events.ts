import type { VectorField } from '../field/vector-field.js'
import type { Integrator } from '../ode/integrator.js'
import type { Outcome } from '../ode/outcome.js'
import { type EventCondition, EventWatcher } from '../ode/solution/event.js'
import type { Tape } from '../ode/solution/tape.js'
import type { Place } from './adjoint.js'
import type { Places } from './places.js'
import type { UpdateMap } from './update/update-map.js'

/** A condition and what its zero does: it resets the state and the solution goes on, or it ends it. */
export interface EventDefinition extends EventCondition {
  /** z⁺ = g(z⁻; φ), with nothing observed. Without one the event is terminal. */
  readonly reset?: UpdateMap
  /** Adds ∂l/∂z of a loss at the event, evaluated at the state before the reset, to a [d]; returns ∂l/∂t. */
  readonly inject?: (t: number, z: Float64Array, a: Float64Array) => number
}

/** Events in one stretch between observations: more are a sign of infinitely many. */
const MOST_EVENTS = 10_000

/** The events of a sweep: what ends a stretch on the way forward, and what that does to the adjoint on the way back. */
export class Events {
  readonly #field: VectorField
  readonly #definitions: readonly EventDefinition[]
  readonly #watcher: EventWatcher
  readonly #slope: Float64Array
  readonly #normal: Float64Array
  readonly #nothing = new Float64Array(0)
  #spent = 0

  constructor(field: VectorField, definitions: readonly EventDefinition[]) {
    this.#field = field
    this.#definitions = definitions
    this.#watcher = new EventWatcher(field, definitions)
    this.#slope = new Float64Array(field.dimension)
    this.#normal = new Float64Array(field.dimension)
  }

  /** Evaluations of f so far. */
  get evaluations(): number {
    return this.#watcher.evaluations + this.#spent
  }

  /** Starts a solve. */
  start(): void {
    this.#watcher.happened = -1
  }

  /** Carries z [d] from one time to another through all events between them, each of which becomes a place. */
  propagate(
    integrator: Integrator,
    { from, to }: { readonly from: number; readonly to: number },
    z: Float64Array,
    tape: Tape,
    places: Places,
  ): Outcome {
    if (this.#definitions.length === 0) return integrator.propagate(from, to, z, tape)
    let t = from
    for (let count = 0; count < MOST_EVENTS; count++) {
      this.#watcher.begin(t, z)
      const outcome = integrator.propagate(t, to, z, tape, this.#watcher)
      if (outcome.kind !== 'event') return outcome
      // An event that follows another in no time has no flight between them that could be solved.
      if (outcome.t === t && count > 0) return { kind: 'events-accumulate', t, events: count }
      t = outcome.t
      const place = places.add(t, tape.length, -1, this.#watcher.happened)
      place.before.set(z)
      place.after.set(z)
      const { reset } = this.#definitions[place.event]!
      if (reset === undefined) return outcome
      reset.apply(place.before, this.#nothing, place.after)
      z.set(place.after)
    }
    return { kind: 'events-accumulate', t, events: MOST_EVENTS }
  }

  /**
   * Pulls a(t⁺) [d] back through an event, in place. The event's time moves with the state, by −∇c·δz / (c_t + ∇c·f⁻); with
   * D = dL/dt of the event, a⁻ = g_zᵀ a⁺ + r − D ∇c / (c_t + ∇c·f⁻) (saltation). A grazing contact, at which c has no rate, has
   * no derivative; there the correction is left out.
   * @see Corner et al. 2020, doi:10.1016/j.mechmachtheory.2019.103713; Chen, Amos & Nickel 2021, arXiv:2011.03902.
   */
  pullBack({ t, before, after, event }: Place, a: Float64Array, gradients?: readonly Float64Array[]): void {
    const definition = this.#definitions[event]!
    const { reset } = definition
    const field = this.#field
    const later = reset === undefined ? 0 : this.#along(field, t, after, a)
    if (reset === undefined) a.fill(0)
    else reset.vjp(before, this.#nothing, a, gradients?.[event] ?? new Float64Array(reset.parameters.length))
    const direct = definition.inject?.(t, before, a) ?? 0
    const derivative = this.#along(field, t, before, a) - later + direct
    this.#normal.fill(0)
    let rate = definition.gradient(t, before, this.#normal)
    for (let i = 0; i < a.length; i++) rate += this.#normal[i]! * this.#slope[i]!
    if (Math.abs(rate) < Number.EPSILON) return
    for (let i = 0; i < a.length; i++) a[i]! -= (derivative / rate) * this.#normal[i]!
  }

  /** a·f(t, z); leaves f in #slope. */
  #along(field: VectorField, t: number, z: Float64Array, a: Float64Array): number {
    field.evaluate(t, z, this.#slope)
    this.#spent++
    let sum = 0
    for (let i = 0; i < a.length; i++) sum += this.#slope[i]! * a[i]!
    return sum
  }
}
