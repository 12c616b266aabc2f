import type { Estimate } from '../estimate.js'
import type { Saved } from '../saved.js'
import type { Section } from '../section.js'
import type { Storable } from '../storable.js'
import { difference, type ErrorUnit, inOwnUnit, makeRoom } from './error-unit.js'

/** How the predictions of one channel have done so far, in its unit. */
export interface ChannelScore {
  /** Predictions that could be compared with a value. */
  readonly count: number
  /** Root of the mean squared error; NaN before the first comparison. */
  readonly rmse: number
  /** Mean absolute error; NaN before the first comparison. */
  readonly mae: number
  /** RMSE of persistence (the last measured value) over the same observations. */
  readonly persistence: number
  /** Share of the values inside their interval; null before there was one. */
  readonly coverage: number | null
}

/** Running scores of a stream of estimates. */
export interface Scores {
  /** Observations so far. */
  readonly count: number
  /** Channel by channel. */
  readonly channels: readonly ChannelScore[]
}

/** Test-then-train scores of one stream. @see Gama, Sebastião, Rodrigues 2013, doi:10.1007/s10994-012-5320-9. */
export class PrequentialScore implements Storable {
  #count = 0
  readonly #channels: ChannelTally[] = []

  /** Counts an estimate in; what is not about the newest observation does not count. @returns The scores with it. */
  observe({ observed, predicted, interval, revision }: Estimate): Scores {
    if (revision) return this.scores
    this.#count++
    observed.forEach((value, j) => {
      this.#channels[j] ??= new ChannelTally()
      if (value !== null) this.#channels[j].observe(value, predicted[j] ?? null, interval[j] ?? null)
    })
    return this.scores
  }

  save(): Saved {
    return { count: this.#count, channels: this.#channels.map(tally => tally.save()) }
  }

  restore(saved: Section): void {
    this.#count = saved.at('count').number
    const tallies = saved.at('channels').list.map(channel => new ChannelTally(channel))
    this.#channels.splice(0, this.#channels.length, ...tallies)
  }

  /** So far. */
  get scores(): Scores {
    return { count: this.#count, channels: this.#channels.map(tally => tally.score) }
  }
}

class ChannelTally implements ErrorUnit {
  unit = 1
  #count = 0
  #squares = 0
  #magnitudes = 0
  #persistence = 0
  #intervals = 0
  #inside = 0
  /** NaN before there was a value. */
  #last = Number.NaN

  constructor(saved?: Section) {
    if (saved === undefined) return
    // Earlier checkpoints do not have the unit.
    const numbers = saved.doubles().length === 7 ? saved.doubles(7) : saved.doubles(8)
    this.#count = numbers[0]!
    this.#squares = numbers[1]!
    this.#magnitudes = numbers[2]!
    this.#persistence = numbers[3]!
    this.#intervals = numbers[4]!
    this.#inside = numbers[5]!
    this.#last = numbers[6]!
    this.unit = numbers[7] ?? 1
  }

  save(): Float64Array {
    const errors = [this.#count, this.#squares, this.#magnitudes, this.#persistence]
    return Float64Array.of(...errors, this.#intervals, this.#inside, this.#last, this.unit)
  }

  observe(value: number, predicted: number | null, interval: readonly [number, number] | null): void {
    if (predicted !== null && !Number.isNaN(this.#last))
      this.#add(Math.abs(difference(value, predicted)), Math.abs(difference(value, this.#last)))
    if (interval !== null) {
      this.#intervals++
      if (interval[0] <= value && value <= interval[1]) this.#inside++
    }
    this.#last = value
  }

  get score(): ChannelScore {
    const own = (value: number) => inOwnUnit(value, this.unit)
    return {
      count: this.#count,
      rmse: own(Math.sqrt(this.#squares / this.#count)),
      mae: own(this.#magnitudes / this.#count),
      persistence: own(Math.sqrt(this.#persistence / this.#count)),
      coverage: this.#intervals === 0 ? null : this.#inside / this.#intervals,
    }
  }

  #add(error: number, persistence: number): void {
    makeRoom(this, Math.max(error, persistence), factor => {
      this.#magnitudes *= factor
      this.#squares *= factor
      this.#squares *= factor
      this.#persistence *= factor
      this.#persistence *= factor
    })
    this.#count++
    this.#squares += (error * this.unit) ** 2
    this.#magnitudes += error * this.unit
    this.#persistence += (persistence * this.unit) ** 2
  }
}
