import type { Place } from './adjoint.js'

/** The places of a forward sweep, in order. Made once and used again after `clear`. */
export class Places {
  readonly #dimension: number
  readonly #places: Place[] = []
  /** Place of each observation. */
  readonly #observations: number[] = []
  #length = 0
  #observed = 0

  constructor(dimension: number) {
    this.#dimension = dimension
  }

  get length(): number {
    return this.#length
  }

  /** Observations among them. */
  get observations(): number {
    return this.#observed
  }

  get events(): readonly Place[] {
    return this.#places.slice(0, this.#length).filter(({ event }) => event >= 0)
  }

  at(index: number): Place {
    return this.#places[index]!
  }

  ofObservation(index: number): Place {
    return this.#places[this.#observations[index]!]!
  }

  clear(): void {
    this.#length = 0
    this.#observed = 0
  }

  /** Appends a place at the end of the last of `steps` steps; the caller writes its states. */
  add(t: number, steps: number, observation: number, event = -1): Place {
    const place = (this.#places[this.#length] ??= this.#allocate())
    place.t = t
    place.steps = steps
    place.theta = 1
    place.observation = observation
    place.event = event
    if (observation >= 0) this.#observations[this.#observed++] = this.#length
    this.#length++
    return place
  }

  #allocate(): Place {
    const array = () => new Float64Array(this.#dimension)
    return { t: 0, steps: 0, theta: 1, before: array(), after: array(), observation: -1, event: -1 }
  }
}
