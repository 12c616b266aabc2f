import type { Observable } from 'rxjs'
import type { ObservationDecoder } from '../../src/config/observation-message.js'
import type { DeadLetter } from '../../src/dead-letter.js'
import type { Observation } from '../../src/observation.js'
import type { Clock } from '../clock.js'
import type { Valve } from '../valve.js'

/** What a feed gives: observations, and what could not be made into one. Completes when its source ends. */
export type Feed = Observable<Observation | DeadLetter>

/** What a feed needs of the world. */
export interface FeedContext {
  readonly decoder: ObservationDecoder
  /** While it is closed the feed takes nothing more from its source. */
  readonly valve: Valve
  readonly clock: Clock
  /** Uniform in [0, 1); spreads reconnects. */
  readonly random: () => number
  /** One line about the connection, for the operator. */
  readonly log: (line: string) => void
}

export function isDeadLetter(value: Observation | DeadLetter): value is DeadLetter {
  return 'code' in value
}
