import { type Observation, takeMeasured } from '../../observation.js'
import type { Saved } from '../../saved.js'
import { restoreObservation, saveObservation } from '../../saved-observation.js'
import type { Section } from '../../section.js'
import type { Storable } from '../../storable.js'

/** The observations of the warm-up in the order of their times, however late they came. */
export class Warmup implements Storable {
  readonly observations: Observation[] = []

  get length(): number {
    return this.observations.length
  }

  /** @returns Where it was put: after all that are not later. */
  add(observation: Observation): number {
    let index = this.length
    while (index > 0 && this.observations[index - 1]!.t > observation.t) index--
    this.observations.splice(index, 0, { ...observation, y: observation.y.slice() })
    return index
  }

  /** @returns Where it was; −1 when it was not there. */
  remove(id: string | undefined): number {
    const index = id === undefined ? -1 : this.observations.findIndex(observation => observation.id === id)
    if (index >= 0) this.observations.splice(index, 1)
    return index
  }

  /** The last measured values before observation `index`, NaN where there are none [channels]. */
  knownBefore(index: number, channels: number): Float64Array {
    const known = new Float64Array(channels).fill(Number.NaN)
    for (const { y } of this.observations.slice(0, index)) takeMeasured(y, known)
    return known
  }

  /** Mean gap, seconds; 0 before there are two. */
  get typicalGap(): number {
    const { length } = this
    return length < 2 ? 0 : (this.observations[length - 1]!.t - this.observations[0]!.t) / (length - 1)
  }

  /** Moves all times, so that `from` becomes `to`: the clock of the source was set. Never changes their order, however large they are. */
  shift(from: number, to: number): void {
    this.observations.forEach(({ t, ...rest }, i) => {
      this.observations[i] = { ...rest, t: to + (t - from) }
    })
  }

  save(): Saved {
    return this.observations.map(saveObservation)
  }

  restore(saved: Section): void {
    this.observations.splice(0, this.length, ...saved.list.map(restoreObservation))
  }
}
