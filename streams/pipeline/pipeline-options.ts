import type { DeadLetter } from '../../src/dead-letter.js'
import type { ErrorCode } from '../../src/errors.js'
import type { Estimate } from '../../src/estimate.js'
import type { PrequentialScore } from '../../src/learn/prequential-score.js'
import type { HealthReport } from '../health/health.js'
import type { Load } from '../load/load.js'
import type { SinkStatus } from '../sinks/sink.js'
import type { Clock } from '../time/clock.js'
import type { Accounting } from './accounting.js'

/** What a pipeline needs of the world, and whom it tells while it runs. */
export interface PipelineOptions {
  /** Ends the run in good order: what has come in is learned and sent out. */
  readonly signal?: AbortSignal
  /** Default that of the machine. */
  readonly clock?: Clock
  /** Uniform in [0, 1), for the spreading of reconnects; nothing that is learned depends on it. */
  readonly random?: () => number
  /** One line about a connection. */
  readonly log?: (line: string) => void
  /** Called with every estimate, before it reaches the sinks. */
  readonly onEstimate?: (estimate: Estimate, progress: Progress) => void
  /** Called with everything that was put aside. */
  readonly onDeadLetter?: (letter: DeadLetter, progress: Progress) => void
  /** Do not go on from a checkpoint that is there. Default false. */
  readonly fresh?: boolean
  /** Go on with what a checkpoint has learned, from the beginning of another source. Default false. */
  readonly newSource?: boolean
}

/** What has happened so far. */
export interface Progress {
  /** Messages that came in, good or bad. */
  readonly received: number
  /** Frames that held nothing to learn from and were not meant to, such as greetings; they are not among the received. */
  readonly ignored: number
  /** Times that the feed has connected, in this process; 0 of those that connect to nothing. */
  readonly connections: number
  /** Estimates made. */
  readonly estimates: number
  /** Where everything is that came in. */
  readonly accounting: Accounting
  /** What kept learning from harm. */
  readonly learning: LearningCounts
  /** How it is, and what is wrong. */
  readonly health: HealthReport
  /** How full everything is that can fill up. */
  readonly load: Pick<Load, 'report'>
  /** How each sink fares. */
  readonly sinks: readonly SinkStatus[]
  /** Messages put aside, by code. */
  readonly deadLetters: ReadonlyMap<ErrorCode, number>
  /** Their names; empty until the first observation where the pipeline file has none. */
  readonly channels: readonly string[]
  /** Running scores by key. */
  readonly scores: ReadonlyMap<string, PrequentialScore>
}

/** What kept learning from harm, and how often. */
export interface LearningCounts {
  /** Parameters that ran away and went back to the last good ones, as estimates tell it: the warm-up of a key counts at most once. */
  readonly rollbacks: number
  /** Keys that learn no more, because their parameters ran away too often; they are still predicted. */
  readonly frozen: number
  /** Values that were too surprising to be believed in full. */
  readonly clipped: number
  /** Channels, of all keys, that have had the same value for far longer than they usually do: now. */
  readonly stuck: number
}
