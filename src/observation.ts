/** What a feed says about a system at a time. */
export interface Observation {
  /** Which of many like systems; each key has a learner of its own. */
  readonly key: string
  /** Event time, seconds. */
  readonly t: number
  /** One value a channel, in the channel's unit; NaN where nothing was measured. */
  readonly y: Float64Array
  /** Its name in its source: what corrections and retractions refer to, and what tells duplicates. */
  readonly id?: string
  /** Its number in its source, another for each observation of a key: tells duplicates. */
  readonly sequence?: number
  /** It takes the place of the earlier observation with this id, or takes that one away. Default neither: it is new. */
  readonly revision?: Revision
  /**
   * Set on the way: it came behind the watermark, or it is the first after the source's clock was set back. `idle` marks no
   * observation at all: its key has been silent, and what is held of it is to be passed on.
   */
  readonly arrival?: 'late' | 'reset' | 'idle'
  /** false: take it into the state, but leave the parameters as they are; decided under load. Default true. */
  readonly learn?: boolean
}

/** What an observation does to the earlier one with the same id. */
export type Revision = 'correct' | 'retract'

/** Is there a value? NaN marks a missing channel inside the engine; outside it is null. */
export function isMeasured(value: number): boolean {
  return !Number.isNaN(value)
}

/** Writes what was measured over what was known before, channel by channel. @param doubted 1 where a value is not to be believed [channels]. */
export function takeMeasured(y: Float64Array, known: Float64Array, doubted?: Float64Array): void {
  for (let j = 0; j < y.length; j++) if (isMeasured(y[j]!) && doubted?.[j] !== 1) known[j] = y[j]!
}

/** y as it is written to the outside: null for what was not measured, and no −0, which JSON cannot carry. */
export function toNullable(y: ArrayLike<number>): (number | null)[] {
  // Loops: Array.from with a function takes ten times as long.
  const values = new Array<number | null>(y.length)
  for (let j = 0; j < y.length; j++) values[j] = isMeasured(y[j]!) ? y[j]! + 0 : null
  return values
}

/** The inverse of `toNullable`. */
export function fromNullable(y: readonly (number | null)[]): Float64Array {
  const values = new Float64Array(y.length)
  for (let j = 0; j < y.length; j++) values[j] = y[j] === null ? Number.NaN : y[j]! + 0
  return values
}

/** Order of event time; simultaneous observations by their values, missing ones last, then by number and id, so that the order is always the same. */
export function compareObservations(a: Observation, b: Observation): number {
  if (a.t !== b.t) return a.t - b.t
  for (let j = 0; j < a.y.length; j++) {
    const difference = rank(a.y[j]!) - rank(b.y[j]!)
    if (difference !== 0 && !Number.isNaN(difference)) return difference
  }
  if (a.sequence !== undefined && b.sequence !== undefined && a.sequence !== b.sequence) return a.sequence - b.sequence
  const [first = '', second = ''] = [a.id, b.id]
  return first < second ? -1 : first > second ? 1 : 0
}

function rank(value: number): number {
  return isMeasured(value) ? value : Infinity
}
