import type { Observation } from '../observation.js'
import { requireOption } from '../require-option.js'
import type { Saved } from '../saved.js'
import { restoreObservation, saveObservation } from '../saved-observation.js'
import type { Section } from '../section.js'
import type { Storable } from '../storable.js'

/** All that a `FarFuture` remembers, for checkpoints. */
export interface FarFutureState {
  /** The newest time that is believed, seconds. */
  newest: number
  /** What waits for a second one. */
  held: Observation | undefined
}

/**
 * Holds an observation that is far ahead of all before it until the next one says whether time has really gone there. A single
 * wrong time must not make everything after it late; a source that was away for long must not be shut out. A correction that
 * goes as far ahead is refused: none comes after it that could bear it out.
 */
export class FarFuture implements Storable {
  /** For checkpoints. */
  readonly state: FarFutureState = { newest: Number.NEGATIVE_INFINITY, held: undefined }
  readonly #maxAhead: number
  readonly #refused: (observation: Observation) => void

  /** @param maxAhead Seconds that need no second witness. @param refused Gets what the next observation did not bear out. */
  constructor(maxAhead: number, refused: (observation: Observation) => void = () => {}) {
    requireAhead(maxAhead)
    this.#maxAhead = maxAhead
    this.#refused = refused
  }

  /** @returns What can be passed on now. */
  take(observation: Observation): Observation[] {
    if (observation.arrival === 'idle') return [observation]
    if (observation.revision) return this.#judgeRevision(observation)
    const { state } = this
    const { held } = state
    if (held === undefined) return this.#judge(observation)
    state.held = undefined
    if (observation.t >= held.t - this.#maxAhead) {
      state.newest = Math.max(held.t, observation.t)
      return observation.t < held.t ? [observation, held] : [held, observation]
    }
    this.#refused(held)
    return this.#judge(observation)
  }

  /** The end: what nobody bore out is refused. */
  flush(): Observation[] {
    const { held } = this.state
    this.state.held = undefined
    if (held) this.#refused(held)
    return []
  }

  save(): Saved {
    const { newest, held } = this.state
    return { newest, held: held ? saveObservation(held) : null }
  }

  restore(saved: Section): void {
    const held = saved.at('held')
    this.state.newest = saved.at('newest').number
    this.state.held = held.isNull ? undefined : restoreObservation(held)
  }

  /** It comes once: there is no second one to wait for. */
  #judgeRevision(observation: Observation): Observation[] {
    const { newest } = this.state
    const far = observation.t > newest + this.#maxAhead && newest > Number.NEGATIVE_INFINITY
    if (!far || observation.revision === 'retract') return [observation]
    this.#refused(observation)
    return []
  }

  #judge(observation: Observation): Observation[] {
    const { state } = this
    if (observation.t > state.newest + this.#maxAhead && state.newest > Number.NEGATIVE_INFINITY) {
      state.held = observation
      return []
    }
    state.newest = Math.max(state.newest, observation.t)
    return [observation]
  }
}

/** @throws ContraflowError OPTION_INVALID for seconds below 0; Infinity holds nothing. */
export function requireAhead(maxAhead: number): void {
  requireOption('maxAhead', maxAhead, maxAhead >= 0, 'seconds, 0 or more')
}
