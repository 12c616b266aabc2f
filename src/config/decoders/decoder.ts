import type { DeadLetter } from '../../dead-letter.js'
import type { Observation } from '../../observation.js'
import type { Storable } from '../../storable.js'

/** What a frame holds: observations, and dead letters for what could not be made into one. */
export type Decoded = Observation | DeadLetter

/** Where a frame came from, and when. */
export interface FrameOrigin {
  /** A file and line, an address and a count; asked for only when something is wrong. */
  place(): string
  /** Arrival time, seconds since 1970; missing where a frame is read from a file, which has none. */
  readonly arrival?: number
  /** Is it the first of a file? There a header may stand. Default false. */
  readonly first?: boolean
}

/** Turns the frames of a feed into observations. Never throws on input. What earlier frames have taught it can be stored. */
export interface Decoder extends Storable {
  /** Names of the channels, as far as they are known. */
  readonly channels: readonly string[] | undefined
  /** Frames that held nothing to learn from and were not meant to: greetings, heartbeats, headers. */
  readonly ignored: number
  /**
   * All that a frame holds, in its order; none when it is to be ignored. Of decoders that answer with promises the next frame
   * may be read only when the last one is done.
   */
  read(frame: string, origin: FrameOrigin): readonly Decoded[] | Promise<readonly Decoded[]>
  /**
   * Learns from an observation that was decoded by an earlier run, and comes back from a recording, what decoding it would have taught, so that the next
   * frame is read as it would have been then. @param observation None where only the names are known. @param channels The names of its channels, where the recording says them.
   */
  recall(observation: Observation | undefined, channels: readonly string[] | undefined): void
}
