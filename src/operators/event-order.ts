import { compareObservations, type Observation } from '../observation.js'
import { requireCount, requireOption } from '../require-option.js'
import type { Saved } from '../saved.js'
import { restoreObservation, saveObservation } from '../saved-observation.js'
import type { Section } from '../section.js'
import type { Storable } from '../storable.js'

/** How late observations may come, and what tells that a clock was set back. */
export interface EventOrderOptions {
  /** Seconds an observation may be older than the newest one that has come. Default 0: what comes in order is passed on at once. */
  readonly allowedLateness?: number
  /**
   * After so many late observations in a row, in order among themselves, the clock of the source has been set back: the next
   * one begins a new time. Default never.
   */
  readonly clockReset?: number
  /** Observations that may be held; when more are, the oldest is passed on early. Default 10 000. */
  readonly maxHeld?: number
  /** Gets what comes behind the watermark. */
  readonly late?: (observation: Observation) => void
  /** Pass on what is late, marked as such, for who can still use it; `late` is not called then. Default false. */
  readonly passLate?: boolean
  /** Gets what was still held when a revision took it away, and the retraction that did. */
  readonly withdrawn?: (observation: Observation) => void
}

/** All that an `EventOrder` remembers, for checkpoints. Bounded by what can arrive within the allowed lateness. */
export interface EventOrderState {
  /** Ascending. */
  held: Observation[]
  /** The newest time that has come. */
  newest: number
  /** Nothing older than this is in order any more, whatever the allowed lateness. */
  released: number
  /** Late observations in a row, and the time of the last one. */
  lateInARow: number
  /** Time of the last of them. */
  lastLate: number
}

/**
 * The observations of one key in the order of their event times, as far as the allowed lateness can give it. A pure state
 * machine: what it gives depends on what it was given, in that order, and on nothing else.
 */
export class EventOrder implements Storable {
  /** For checkpoints. */
  readonly state: EventOrderState = {
    held: [],
    newest: Number.NEGATIVE_INFINITY,
    released: Number.NEGATIVE_INFINITY,
    lateInARow: 0,
    lastLate: Number.NEGATIVE_INFINITY,
  }
  readonly #options: EventOrderOptions

  constructor(options: EventOrderOptions = {}) {
    requireOrder(options)
    this.#options = options
  }

  /** Nothing older is in order any more. */
  get watermark(): number {
    const { newest, released } = this.state
    return Math.max(newest - (this.#options.allowedLateness ?? 0), released)
  }

  /** @returns What can be passed on now, in order. */
  take(observation: Observation): Observation[] {
    if (observation.arrival === 'idle') return this.flush()
    if (observation.revision) return this.#revise(observation)
    if (observation.t < this.watermark) return this.#takeLate(observation)
    const { state } = this
    state.lateInARow = 0
    insert(state.held, observation)
    state.newest = Math.max(state.newest, observation.t)
    const { allowedLateness = 0, maxHeld = 10_000 } = this.#options
    // More of the time of the watermark itself may still come; without lateness nothing is worth waiting for.
    const ready = state.held.findIndex(({ t }) => t >= state.newest - allowedLateness)
    const free = allowedLateness > 0 ? ready : state.held.length
    const excess = state.held.length - maxHeld
    if (excess > free) state.released = Math.max(state.released, state.held[excess - 1]!.t)
    return state.held.splice(0, Math.max(free, excess))
  }

  /** Passes on everything that is held: at the end of a stream, or when its source has fallen silent. */
  flush(): Observation[] {
    const { state } = this
    if (state.held.length > 0) state.released = state.newest
    return state.held.splice(0)
  }

  save(): Saved {
    const { held, ...marks } = this.state
    return { ...marks, held: held.map(saveObservation) }
  }

  restore(saved: Section): void {
    Object.assign(this.state, {
      held: saved.at('held').list.map(restoreObservation),
      newest: saved.at('newest').number,
      released: saved.at('released').number,
      lateInARow: saved.at('lateInARow').number,
      lastLate: saved.at('lastLate').number,
    } satisfies EventOrderState)
  }

  #takeLate(observation: Observation): Observation[] {
    const { state } = this
    const { clockReset = Infinity, allowedLateness = 0, passLate = false, late } = this.#options
    const inOrder = observation.t >= state.lastLate - allowedLateness
    state.lateInARow = state.lateInARow > 0 && inOrder ? state.lateInARow + 1 : 1
    state.lastLate = observation.t
    if (state.lateInARow > clockReset) return this.#beginAnew(observation)
    if (passLate) return [{ ...observation, arrival: 'late' }]
    late?.(observation)
    return []
  }

  #beginAnew(observation: Observation): Observation[] {
    const earlier = this.flush()
    const { t } = observation
    Object.assign(this.state, { newest: t, released: t, lateInARow: 0, lastLate: Number.NEGATIVE_INFINITY })
    return [...earlier, { ...observation, arrival: 'reset' }]
  }

  /** What is still held is changed here; what has been passed on already, by whoever got it. */
  #revise(observation: Observation): Observation[] {
    const { held } = this.state
    const at = held.findIndex(({ id }) => id === observation.id)
    if (at < 0) return [observation]
    const [earlier] = held.splice(at, 1)
    this.#options.withdrawn?.(earlier!)
    const { revision, ...rest } = observation
    if (revision === 'correct') return this.take(rest)
    this.#options.withdrawn?.(observation)
    return []
  }
}

/** From the end: observations come almost in order. */
function insert(held: Observation[], observation: Observation): void {
  let at = held.length
  while (at > 0 && compareObservations(held[at - 1]!, observation) > 0) at--
  held.splice(at, 0, observation)
}

/** @throws ContraflowError OPTION_INVALID for a lateness below 0 and counts below 1; both may be Infinity. */
export function requireOrder({ allowedLateness = 0, clockReset = 1, maxHeld = 1 }: EventOrderOptions): void {
  requireOption('allowedLateness', allowedLateness, allowedLateness >= 0, 'seconds, 0 or more')
  if (clockReset !== Number.POSITIVE_INFINITY) requireCount('clockReset', clockReset)
  if (maxHeld !== Number.POSITIVE_INFINITY) requireCount('maxHeld', maxHeld)
}
