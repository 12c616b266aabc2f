import type { ObservedPath } from '../../adjoint/sweep.js'
import { ContraflowError } from '../../errors.js'
import { requireCount, requireOption } from '../../require-option.js'

/** A value of one sensor, stamped by its own clock. */
export interface SensorReading {
  /** By the sensor's clock, seconds. */
  readonly t: number
  /** Which sensor, from 0. */
  readonly sensor: number
  /** Values of the channels [channels], NaN where this sensor measures nothing. */
  readonly y: Float64Array
}

/** How many clocks, what is expected of them, and what fixes the gauge. */
export interface ClockOffsetsOptions {
  /** n, clocks that may be off. */
  readonly sensors: number
  /** Standard deviation of the offsets expected, seconds: each is drawn back to zero by δ²/2σ². Default no prior. */
  readonly deviation?: number
  /**
   * What fixes the gauge: with an autonomous field and a free start a shift of all clocks together cannot be seen. `first`: the
   * clock of sensor 0 is right; `mean`: the offsets add up to zero. Default first.
   */
  readonly gauge?: 'first' | 'mean'
}

/**
 * Learned offsets δ_s of the clocks of several sensors that watch one system: what sensor s stamps with t happened at t + δ_s, so
 * dL/dδ_s = Σ_{i ∈ s} dL/dt_i. Only identifiable while the system moves where it is measured.
 *
 * Put the readings into a `path`, solve, and hand `gradient` to an optimizer (or a Newton step) that changes `parameters`; then
 * call `fix`.
 * @see Li & Mourikis 2014, doi:10.1177/0278364913515286 (offsets between camera and inertial sensor).
 */
export class ClockOffsets {
  /** δ, seconds [sensors]. Optimizers write into it. */
  readonly parameters: Float64Array
  readonly #options: ClockOffsetsOptions

  constructor(options: ClockOffsetsOptions) {
    const { sensors, deviation } = options
    requireCount('sensors', sensors)
    requireOption('deviation', deviation, deviation === undefined || deviation > 0, 'a positive number')
    this.#options = options
    this.parameters = new Float64Array(sensors)
  }

  /** The readings at their true times, as far as they are known, in that order. */
  path(readings: readonly SensorReading[], startTime: number, startState: Float64Array): OffsetPath {
    return new OffsetPath(readings, this.parameters, startTime, startState)
  }

  /** dL/dδ [sensors], with the prior; nothing in the direction of the gauge. */
  gradient(path: OffsetPath, times: readonly number[]): Float64Array {
    const { deviation } = this.#options
    const gradient = new Float64Array(this.parameters.length)
    times.forEach((slope, i) => {
      gradient[path.sensor(i)]! += slope
    })
    if (deviation !== undefined)
      this.parameters.forEach((offset, s) => {
        gradient[s]! += offset / deviation ** 2
      })
    this.#takeOffGauge(gradient)
    return gradient
  }

  /** Brings the offsets back to the gauge, after a change of the parameters. */
  fix(): void {
    this.#takeOffGauge(this.parameters)
  }

  #takeOffGauge(v: Float64Array): void {
    if ((this.#options.gauge ?? 'first') === 'first') {
      v[0] = 0
      return
    }
    const mean = v.reduce((sum, x) => sum + x, 0) / v.length
    for (let s = 0; s < v.length; s++) v[s]! -= mean
  }
}

/** Readings sorted by t + δ. */
export class OffsetPath implements ObservedPath {
  /** Seconds. */
  readonly startTime: number
  /** z_s [d]. */
  readonly startState: Float64Array
  /** Readings that take part. */
  readonly length: number
  readonly #sorted: readonly { readonly at: number; readonly reading: SensorReading }[]

  /** @param readings In any order. @param offsets δ [n], seconds, added to the time of each reading of its sensor. */
  constructor(readings: readonly SensorReading[], offsets: Float64Array, startTime: number, startState: Float64Array) {
    this.#sorted = readings
      .map(reading => ({ at: reading.t + offsets[reading.sensor]!, reading }))
      .sort((a, b) => a.at - b.at)
    const first = this.#sorted[0]?.at ?? startTime
    if (first < startTime)
      throw new ContraflowError('TIME_NOT_MONOTONE', {
        received: `a reading at t=${first} after its offset, before the start at t=${startTime}`,
        expected: 'a start before every reading, offsets included',
      })
    this.startTime = startTime
    this.startState = startState
    this.length = readings.length
  }

  /** The true time of a reading, as the offsets have it, in their order. */
  time(index: number): number {
    return this.#sorted[index]!.at
  }

  /** Values of that reading; NaN in the channels of other sensors. */
  observed(index: number): Float64Array {
    return this.#sorted[index]!.reading.y
  }

  /** Which sensor observation `index` is of. */
  sensor(index: number): number {
    return this.#sorted[index]!.reading.sensor
  }
}
