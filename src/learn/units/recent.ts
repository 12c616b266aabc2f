import type { Observation } from '../../observation.js'
import type { Saved } from '../../saved.js'
import type { Section } from '../../section.js'
import type { Storable } from '../../storable.js'

/**
 * The last observations of a learner in the order of their times: what new units are estimated from, and learned from anew. Numbers
 * only, so that ten thousand learners can have it.
 */
export class Recent implements Storable {
  readonly #capacity: number
  readonly #channels: number
  readonly #times: Float64Array
  readonly #values: Float64Array
  readonly #ids: (string | undefined)[] = []
  #taken = 0

  constructor(capacity: number, channels: number) {
    this.#capacity = capacity
    this.#channels = channels
    this.#times = new Float64Array(capacity)
    this.#values = new Float64Array(capacity * channels)
  }

  get length(): number {
    return this.#ids.length
  }

  /** Observations added so far, those included that are no longer here. */
  get taken(): number {
    return this.#taken
  }

  /** Was none added that has been pushed out since? */
  get complete(): boolean {
    return this.#taken <= this.#capacity
  }

  /** Their times and values, copied; everything else of an observation but its id is gone. */
  get observations(): Observation[] {
    return this.#ids.map((id, i) => ({
      key: '',
      t: this.#times[i]!,
      y: this.#values.slice(i * this.#channels, (i + 1) * this.#channels),
      ...(id !== undefined && { id }),
    }))
  }

  /** Puts it behind all that are not later. @param doubted 1 where a value is not to be believed [channels]. */
  add({ t, y, id }: Observation, doubted?: Float64Array): void {
    this.#taken++
    let index = this.length
    while (index > 0 && this.#times[index - 1]! > t) index--
    if (this.length === this.#capacity) {
      if (index === 0) return
      this.#drop(0)
      index--
    }
    this.#move(index, index + 1)
    this.#ids.splice(index, 0, id)
    this.#times[index] = t
    for (let j = 0; j < y.length; j++)
      this.#values[index * this.#channels + j] = doubted?.[j] === 1 ? Number.NaN : y[j]!
  }

  /** Takes the one with this id out, if it is there. */
  remove(id: string | undefined): void {
    const index = id === undefined ? -1 : this.#ids.indexOf(id)
    if (index >= 0) this.#drop(index)
  }

  /** Moves all times, so that `from` becomes `to`: the clock of the source was set. */
  shift(from: number, to: number): void {
    for (let i = 0; i < this.length; i++) this.#times[i] = to + (this.#times[i]! - from)
  }

  save(): Saved {
    const { length } = this
    return {
      taken: this.#taken,
      times: this.#times.slice(0, length),
      values: this.#values.slice(0, length * this.#channels),
      ids: this.#ids.some(id => id !== undefined) ? this.#ids.map(id => id ?? null) : null,
    }
  }

  restore(saved: Section): void {
    const times = saved.at('times').doubles()
    this.#taken = saved.at('taken').number
    this.#times.set(times)
    this.#values.set(saved.at('values').doubles(times.length * this.#channels))
    const ids = saved.at('ids')
    const known = ids.isNull ? [] : ids.list.map(id => (id.isNull ? undefined : id.text))
    this.#ids.splice(0, this.length, ...Array.from(times, (_, i) => known[i]))
  }

  #drop(index: number): void {
    this.#move(index + 1, index)
    this.#ids.splice(index, 1)
  }

  /** Moves everything from place `from` on to place `to`. */
  #move(from: number, to: number): void {
    this.#times.copyWithin(to, from, this.length)
    this.#values.copyWithin(to * this.#channels, from * this.#channels, this.length * this.#channels)
  }
}
