import type { Observable } from 'rxjs'
import type { Decoded, Decoder, FrameOrigin } from '../../src/config/decoders/decoder.js'
import type { DeadLetter } from '../../src/dead-letter.js'
import type { Lost } from '../overflow/lost.js'
import type { Valve } from '../overflow/valve.js'
import type { Clock } from '../time/clock.js'

/** What a feed gives. Completes when its source ends. */
export type Feed = Observable<Delivery>

/** An observation, or what could not be made into one, and where the feed stands with it. */
export interface Delivery {
  /** An observation or a dead letter. */
  readonly value: Decoded
  /** Where the source stands behind it. */
  readonly position: FeedPosition
  /** Of what a full queue did not let through: all of it; `value` is the first. */
  readonly lost?: Lost
}

/**
 * Where a feed stands once a value has been taken in: opened there, it goes on with the value that comes next. Plain JSON, so
 * that it can be stored with what was learned.
 */
export interface FeedPosition {
  /** Number of the message that the value came from, from 1 on; of a directory of logs, in its file. */
  readonly message: number
  /** How many values of that message have been taken in: a message may hold several. */
  readonly values: number
  /** Logs and pipes: where that message begins, in bytes of what has been unzipped. */
  readonly offset?: number
  /** Logs and pipes: bytes of that message, when it had no line end and could not be used; a longer one is another message. */
  readonly open?: number
  /** Logs: which file. */
  readonly file?: FileIdentity
  /** Recorded runs: number of the record. */
  readonly record?: number
  /** WebSockets that number their messages: the last number that came. */
  readonly sequence?: number | string
}

/** A log file that can be found again when it was renamed or zipped. */
export interface FileIdentity {
  /** Without its directory. */
  readonly name: string
  /** Survives a rename. */
  readonly inode: number
  /** The first bytes, as many as were there up to 1024: how many, and their SHA-256 in hexadecimal. */
  readonly head: { readonly bytes: number; readonly hash: string }
}

/** What a feed needs of the world. */
export interface FeedContext {
  /** Makes observations of frames. */
  readonly decoder: Decoder
  /** While it is closed the feed takes nothing more from its source. */
  readonly valve: Valve
  /** Says when something arrived. */
  readonly clock: Clock
  /** Uniform in [0, 1); spreads reconnects. */
  readonly random: () => number
  /** One line about the connection, for the operator. */
  readonly log: (line: string) => void
  /** Gets every frame before it is decoded; a recorder listens here. */
  readonly onFrame?: (frame: string, origin: FrameOrigin) => void
  /** Where to go on. Default: the beginning of a log, the next message of a live feed. */
  readonly from?: FeedPosition
  /**
   * Feeds that hold what has come say here how it is passed on when the run is stopped: nothing more is read, and the promise resolves
   * when nothing is held any more. Without it a feed is let go at once.
   */
  readonly onStop?: (drain: () => Promise<void>) => void
  /** Told by feeds that connect to something whether they are connected; readiness depends on it. */
  readonly connected?: (now: boolean) => void
  /** Told by feeds whose messages are numbered how many have not come. */
  readonly missing?: (count: number) => void
}

export function isDeadLetter(value: Decoded): value is DeadLetter {
  return 'code' in value
}
