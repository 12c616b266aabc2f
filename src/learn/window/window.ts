import type { ObservedPath } from '../../adjoint/sweep.js'
import type { Saved } from '../../saved.js'
import type { Section } from '../../section.js'
import type { Storable } from '../../storable.js'

/**
 * The last observations and the state they start from, in the learner's units: a ring that a sweep can run over.
 * Observations are kept as gaps, so that nothing depends on how far the clock is from its origin.
 */
export class Window implements ObservedPath, Storable {
  /** Time of the start state: 0, unless the field depends on time. */
  startTime = 0
  readonly startState: Float64Array
  readonly #capacity: number
  readonly #gaps: Float64Array
  readonly #observed: Float64Array[]
  readonly #times: Float64Array
  #first = 0
  #length = 0

  constructor(capacity: number, dimension: number, channels: number) {
    this.startState = new Float64Array(dimension)
    this.#capacity = capacity
    this.#gaps = new Float64Array(capacity)
    this.#times = new Float64Array(capacity)
    this.#observed = Array.from({ length: capacity }, () => new Float64Array(channels))
  }

  get length(): number {
    return this.#length
  }

  get full(): boolean {
    return this.#length === this.#capacity
  }

  time(index: number): number {
    return this.#times[index]!
  }

  observed(index: number): Float64Array {
    return this.#observed[(this.#first + index) % this.#capacity]!
  }

  /** Empties the window; the caller sets `startState`. */
  restart(startTime = 0): void {
    this.startTime = startTime
    this.#first = 0
    this.#length = 0
  }

  /** Appends an observation `gap` after the last one (or the start) and returns the array to write its values into. */
  append(gap: number): Float64Array {
    const slot = (this.#first + this.#length) % this.#capacity
    this.#gaps[slot] = gap
    this.#length++
    this.#setTimes()
    return this.#observed[slot]!
  }

  /**
   * Inserts an observation before the one at `index`.
   * @param before, after Gaps to the one before it (or the start) and to the one after it.
   * @returns The array to write its values into.
   */
  insert(index: number, before: number, after: number): Float64Array {
    const values = this.append(after)
    for (let i = this.#length - 1; i > index; i--) this.#copy(i, i - 1)
    const slot = this.#slot(index)
    this.#gaps[slot] = before
    this.#observed[slot] = values
    if (index + 1 < this.#length) this.#gaps[this.#slot(index + 1)] = after
    this.#setTimes()
    return values
  }

  /** Takes the observation at `index` out. @param gap From the one before it (or the start) to the one after it. */
  remove(index: number, gap: number): void {
    const values = this.observed(index)
    for (let i = index + 1; i < this.#length; i++) this.#copy(i - 1, i)
    this.#length--
    this.#observed[this.#slot(this.#length)] = values
    if (index < this.#length) this.#gaps[this.#slot(index)] = gap
    this.#setTimes()
  }

  #slot(index: number): number {
    return (this.#first + index) % this.#capacity
  }

  #copy(to: number, from: number): void {
    this.#gaps[this.#slot(to)] = this.#gaps[this.#slot(from)]!
    this.#observed[this.#slot(to)] = this.#observed[this.#slot(from)]!
  }

  /** Drops the first observation; `state` [d] is the one just after it. The time origin moves with it. */
  slide(state: Float64Array, moveOrigin: boolean): void {
    this.startState.set(state)
    if (moveOrigin) this.startTime = this.#times[0]!
    this.#first = (this.#first + 1) % this.#capacity
    this.#length--
    this.#setTimes()
  }

  save(): Saved {
    const indices = Array.from({ length: this.#length }, (_, i) => i)
    return {
      startTime: this.startTime,
      startState: this.startState,
      gaps: Float64Array.from(indices, i => this.#gaps[(this.#first + i) % this.#capacity]!),
      observed: indices.map(i => this.observed(i)),
    }
  }

  restore(saved: Section): void {
    const observed = saved.at('observed').list
    // As many as there are observations, and no more than there is room for.
    const gaps = saved.at('gaps').doubles(Math.min(observed.length, this.#capacity))
    this.restart(saved.at('startTime').number)
    this.startState.set(saved.at('startState').doubles(this.startState.length))
    gaps.forEach((gap, i) => {
      const slot = this.append(gap)
      slot.set(observed[i]!.doubles(slot.length))
    })
  }

  #setTimes(): void {
    let t = this.startTime
    for (let i = 0; i < this.#length; i++) {
      t += this.#gaps[(this.#first + i) % this.#capacity]!
      this.#times[i] = t
    }
  }
}
