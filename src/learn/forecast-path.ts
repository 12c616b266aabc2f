import type { ObservedPath } from '../adjoint/sweep.js'

/** A window continued into the future: grid times at which nothing is measured, and the horizons asked for among them. */
export class ForecastPath implements ObservedPath {
  readonly startTime: number
  readonly startState: Float64Array
  readonly length: number
  /** Index in the path of each horizon. */
  readonly horizonIndex: number[]
  /** First index after the window. */
  readonly future: number
  readonly #past: ObservedPath
  readonly #times: number[]
  readonly #nothing: Float64Array

  /** @param horizons Times after the window's last observation, ascending. @param spacing Between the grid times. */
  constructor(past: ObservedPath, channels: number, horizons: readonly number[], spacing: number) {
    const now = past.length > 0 ? past.time(past.length - 1) : past.startTime
    const end = horizons.at(-1) ?? 0
    const grid = Array.from({ length: Math.floor(end / spacing) }, (_, i) => (i + 1) * spacing)
    const ahead = [...new Set([...grid, ...horizons])].sort((a, b) => a - b)
    this.#past = past
    this.#times = ahead.map(time => now + time)
    this.#nothing = new Float64Array(channels).fill(Number.NaN)
    this.startTime = past.startTime
    this.startState = past.startState
    this.future = past.length
    this.length = past.length + ahead.length
    this.horizonIndex = horizons.map(time => past.length + ahead.indexOf(time))
  }

  time(index: number): number {
    return index < this.future ? this.#past.time(index) : this.#times[index - this.future]!
  }

  observed(index: number): Float64Array {
    return index < this.future ? this.#past.observed(index) : this.#nothing
  }
}
