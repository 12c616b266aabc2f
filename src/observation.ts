/** What a feed says about a system at a time. */
export interface Observation {
  /** Which of many like systems; each key has a learner of its own. */
  readonly key: string
  /** Event time, seconds. */
  readonly t: number
  /** One value a channel, in the channel's unit; NaN where nothing was measured. */
  readonly y: Float64Array
}

/** Is there a value? NaN marks a missing channel inside the engine; outside it is null. */
export function isMeasured(value: number): boolean {
  return !Number.isNaN(value)
}

/** y as it is written to the outside: null for what was not measured, and no −0, which JSON cannot carry. */
export function toNullable(y: ArrayLike<number>): (number | null)[] {
  return Array.from(y, value => (isMeasured(value) ? value + 0 : null))
}

/** The inverse of `toNullable`. */
export function fromNullable(y: readonly (number | null)[]): Float64Array {
  return Float64Array.from(y, value => (value === null ? Number.NaN : value + 0))
}
