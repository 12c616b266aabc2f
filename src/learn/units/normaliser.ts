import { isMeasured, type Observation } from '../../observation.js'
import type { Saved } from '../../saved.js'
import type { Section } from '../../section.js'
import { norm } from '../rules/clip.js'

export interface NormaliserOptions {
  /**
   * A unit is at least this fraction of its mean's size, because many channels are quiet at first: exactly so for one that did not
   * move, and up to `QUIET` deviations for one that did.
   */
  readonly leastSpread: number
}

/**
 * The units a learner works in: every channel centred and scaled, time in typical gaps. What a model learns refers to its units, so
 * that others need another model.
 */
export class Normaliser {
  readonly mean: Float64Array
  /** Unit of each channel, positive. */
  readonly scale: Float64Array
  /** Typical gap between observations, seconds, positive. */
  readonly timeScale: number

  constructor(mean: Float64Array, scale: Float64Array, timeScale: number) {
    this.mean = mean
    this.scale = scale
    this.timeScale = timeScale
  }

  /**
   * Mean and standard deviation of every channel and the mean gap; a channel never measured gets mean 0 and unit 1. Where a channel's
   * zero lies matters little: a pressure of 1013 ± 5 hPa gets a unit of 60 hPa, not of 400. A unit is at least half the smallest step that
   * was seen, so that a channel of few digits that hardly moves yet does not get a tiny one.
   */
  static fit(observations: readonly Observation[], options: NormaliserOptions): Normaliser {
    const channels = observations[0]?.y.length ?? 0
    const mean = new Float64Array(channels)
    const scale = new Float64Array(channels).fill(1)
    for (let j = 0; j < channels; j++) {
      const values = observations.map(observation => observation.y[j]!).filter(isMeasured)
      if (values.length === 0) continue
      mean[j] = average(values)
      const step = smallestStep(values, Math.max(ROUNDING * Math.abs(mean[j]!), SMALLEST))
      const deviation = norm(Float64Array.from(values, value => value - mean[j]!)) / Math.sqrt(values.length)
      const least = options.leastSpread * Math.abs(mean[j]!)
      const unit = step < Infinity ? Math.max(deviation, step / 2, Math.min(least, QUIET * deviation)) : least || 1
      scale[j] = Math.min(unit, WIDEST)
    }
    return new Normaliser(mean, scale, typicalGap(observations.map(observation => observation.t)))
  }

  /** One that was saved. */
  static restored(saved: Section): Normaliser {
    const mean = saved.at('mean').doubles()
    return new Normaliser(mean, saved.at('scale').doubles(mean.length), saved.at('timeScale').number)
  }

  save(): Saved {
    return { mean: this.mean, scale: this.scale, timeScale: this.timeScale }
  }

  /** y in the learner's units, within what a double holds; missing stays missing. */
  normalise(y: Float64Array, out: Float64Array): void {
    for (let j = 0; j < y.length; j++) {
      const value = (y[j]! - this.mean[j]!) / this.scale[j]!
      out[j] = Math.max(-LARGEST, Math.min(LARGEST, value))
    }
  }

  /** One channel back in its own unit. */
  restore(value: number, channel: number): number {
    return this.mean[channel]! + this.scale[channel]! * value
  }
}

/** A value far outside a tiny unit must not become infinite, or the last known value would be too. */
const LARGEST = 1e300

/** A state of a million units, the most that is believed of one, must be a double in the channel's unit, too. */
const WIDEST = 1e302

/** A channel may be so many times as lively later as it was during the warm-up without outgrowing its unit. */
const QUIET = 12

/** Differences that are no larger, as a share of the mean, are rounding. */
const ROUNDING = 1e-12
/** Differences that are no larger might underflow. */
const SMALLEST = 1e-305

/** The smallest difference between two values that is larger than `rounding`; ∞ where there is none. */
function smallestStep(values: readonly number[], rounding: number): number {
  const sorted = Float64Array.from(values).sort()
  let smallest = Number.POSITIVE_INFINITY
  for (let i = 1; i < sorted.length; i++) {
    const step = sorted[i]! - sorted[i - 1]!
    if (step > rounding && step < smallest) smallest = step
  }
  return smallest
}

/** Mean of the positive gaps, each counted as at most ten medians so that one outage does not decide. */
function typicalGap(times: readonly number[]): number {
  const gaps = times.slice(1).map((t, i) => t - times[i]!)
  const sorted = gaps.filter(gap => gap > 0).sort((a, b) => a - b)
  if (sorted.length === 0) return 1
  const limit = 10 * sorted[sorted.length >> 1]!
  return average(sorted.map(gap => Math.min(gap, limit)))
}

function average(values: readonly number[]): number {
  const { length } = values
  const mean = values.reduce((sum, value) => sum + value, 0) / length
  return Number.isFinite(mean) ? mean : values.reduce((sum, value) => sum + value / length, 0)
}
