import { takeMeasured } from '../../observation.js'
import type { Saved } from '../../saved.js'
import type { Section } from '../../section.js'
import type { Storable } from '../../storable.js'

/** What a rule has learned from one observation, in its own terms, so that it can be unlearned. */
export type Evidence = Readonly<Record<string, Float64Array>>

/** What the window knows of an observation besides its values in the learner's units. */
export interface Label {
  /** Event time, seconds. */
  readonly t: number
  readonly id: string | undefined
  /** As it came, in the units of the channels. */
  readonly y: Float64Array
  /** Only of an observation with an id, which may be retracted. */
  evidence?: Evidence | undefined
}

/** @param y Copied. */
export function createLabel(t: number, id: string | undefined, y: Float64Array): Label {
  return { t, id, y: y.slice() }
}

/** Labels of the observations in a window, in its order: which one has an id, and where a late one belongs. */
export class Labels implements Storable {
  /** Time of the start state, seconds. */
  #start = Number.NaN
  #entries: Label[] = []

  get length(): number {
    return this.#entries.length
  }

  /** Time of the start state, which nothing in the window is older than. */
  get startTime(): number {
    return this.#start
  }

  at(index: number): Label {
    return this.#entries[index]!
  }

  /** Event time of observation `index`; that of the start before the first. */
  time(index: number): number {
    return index < 0 ? this.#start : this.#entries[index]!.t
  }

  /** Where an observation of this time belongs: after all that are not later. */
  placeOf(t: number): number {
    let index = this.length
    while (index > 0 && this.#entries[index - 1]!.t > t) index--
    return index
  }

  /** −1 when it is not in the window. */
  indexOf(id: string | undefined): number {
    return id === undefined ? -1 : this.#entries.findIndex(entry => entry.id === id)
  }

  /** Where this very label is. */
  placeOfLabel(label: Label): number {
    return this.#entries.indexOf(label)
  }

  /** The last measured values before observation `index`, NaN where the window has none [channels]. */
  knownBefore(index: number, channels: number): Float64Array {
    const known = new Float64Array(channels).fill(Number.NaN)
    for (let i = 0; i < index; i++) takeMeasured(this.#entries[i]!.y, known)
    return known
  }

  insert(index: number, label: Label): void {
    this.#entries.splice(index, 0, label)
  }

  remove(index: number): void {
    this.#entries.splice(index, 1)
  }

  /** The first observation becomes the start. */
  slide(): void {
    this.#start = this.#entries.shift()!.t
  }

  /** Only the start is left: the last observation. */
  restart(): void {
    this.#start = this.#entries.pop()!.t
    this.#entries.length = 0
  }

  /** Moves all times, so that `from` becomes `to`: the clock of the source was set. Never changes their order, however large they are. */
  shift(from: number, to: number): void {
    this.#start = to + (this.#start - from)
    this.#entries = this.#entries.map(entry => ({ ...entry, t: to + (entry.t - from) }))
  }

  save(): Saved {
    return {
      start: this.#start,
      entries: this.#entries.map(({ t, id, y, evidence }) => ({ t, id: id ?? null, y, evidence: evidence ?? null })),
    }
  }

  restore(saved: Section): void {
    this.#start = saved.at('start').number
    this.#entries = saved.at('entries').list.map(entry => {
      const [id, evidence] = [entry.at('id'), entry.at('evidence')]
      return {
        t: entry.at('t').number,
        id: id.isNull ? undefined : id.text,
        y: entry.at('y').doubles(),
        ...(!evidence.isNull && {
          evidence: Object.fromEntries([...evidence.fields].map(([name, array]) => [name, array.doubles()])),
        }),
      }
    })
  }
}
