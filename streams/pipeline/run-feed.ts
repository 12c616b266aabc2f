import { exhaustMap, identity, type Observable, of, pipe, takeUntil } from 'rxjs'
import type { Decoder } from '../../src/config/decoders/decoder.js'
import type { PipelineConfig, SourceConfig } from '../../src/config/pipeline.js'
import type { RunCheckpoints } from '../checkpoint/run-checkpoints.js'
import type { Delivery, Feed, FeedPosition } from '../feeds/feed.js'
import type { Load } from '../load/load.js'
import { OverflowQueue } from '../overflow/overflow-queue.js'
import { Valve } from '../overflow/valve.js'
import type { Recorder } from '../recorder/recorder.js'
import type { Clock } from '../time/clock.js'
import { clockDecisions } from '../time/clock-decisions.js'
import type { Connection } from './connection.js'
import { pipelineFeed } from './pipeline-feed.js'
import type { PipelineOptions } from './pipeline-options.js'

/** What outlives the run. */
export interface Keepers {
  readonly checkpoints: RunCheckpoints | undefined
  readonly recorder: Recorder | undefined
}

export interface RunFeedOptions {
  readonly config: PipelineConfig
  readonly source: SourceConfig
  readonly decoder: Decoder
  readonly clock: Clock
  readonly connection: Connection
  readonly keepers: Keepers
  /** Random numbers and log. */
  readonly world: Pick<PipelineOptions, 'random' | 'log'>
  /** Holds what comes while the outlet is closed. */
  readonly queue: OverflowQueue | undefined
  /** Closed while what is behind cannot take more. */
  readonly outlet: Valve
  /** Ends the feed in good order. */
  readonly stop: Observable<unknown>
  /** Keys that have come so far. */
  readonly known: () => Iterable<string>
}

/** Where what comes waits while the outlet is closed; undefined where the pipeline file asks for no queue: the source waits then. */
export function sourceQueue(
  source: SourceConfig,
  { outlet, load, clock }: { readonly outlet: Valve; readonly load: Load; readonly clock: Clock },
): OverflowQueue | undefined {
  const overflow = source.kind === 'simulate' ? undefined : source.overflow
  return overflow && new OverflowQueue(overflow, { inlet: new Valve(), outlet, load, now: () => clock.now() })
}

/** What a run takes in: its source, ended by `stop` and held in the queue, with all that the clock decides. */
export function runFeed({ keepers, world, queue, outlet, stop, known, ...run }: RunFeedOptions): Feed {
  const { config, source, decoder, clock, connection } = run
  const { checkpoints, recorder } = keepers
  const { random = Math.random, log = () => {} } = world
  const inlet = queue?.inlet ?? outlet
  let drain: (() => Promise<void>) | undefined
  const context = {
    onStop: (own: () => Promise<void>) => {
      drain = own
    },
    decoder,
    valve: inlet,
    clock,
    random,
    log,
    connected: (now: boolean) => connection.turned(now),
    missing: (count: number) => connection.missed(count),
    ...(checkpoints?.from && { from: checkpoints.from }),
  }
  const valve = {
    get open() {
      return inlet.open && outlet.open
    },
  }
  // Once: whoever stops it again waits for the same drain.
  const drained = stop.pipe(exhaustMap(() => drain?.() ?? of(undefined)))
  // Stopped before the learners, so that they get the end of the stream and send out what they hold.
  const accept = (from: FeedPosition | undefined) =>
    pipe(
      takeUntil<Delivery>(drained),
      queue ? feed => queue.follow(feed) : identity,
      clockDecisions(config, { clock, valve, from, known }),
    )
  return pipelineFeed(source, context, { recorder, tail: checkpoints?.tail ?? [], outlet, accept })
}
