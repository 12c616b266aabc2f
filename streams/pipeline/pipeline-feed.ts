import type { MonoTypeOperatorFunction } from 'rxjs'
import type { SourceConfig } from '../../src/config/pipeline.js'
import type { Delivery, Feed, FeedContext, FeedPosition } from '../feeds/feed.js'
import { openFeed } from '../feeds/index.js'
import type { Valve } from '../overflow/valve.js'
import type { RecordPart } from '../recorder/record-tail.js'
import { recordedFeed } from '../recorder/recorded-feed.js'
import type { Recorder } from '../recorder/recorder.js'

/** Between a source and what learns from it. */
export interface PipelineFeedOptions {
  /** Writes down what is accepted, before it is passed on. */
  readonly recorder: Recorder | undefined
  /** Recordings of what came in behind the checkpoint from which the run goes on. */
  readonly tail: readonly RecordPart[]
  /** Closed while what is behind cannot take more: for what comes out of the recording, which waits in no queue. */
  readonly outlet: Valve
  /** What of it is accepted: everything in here may ask the clock, for what comes out of it is recorded. */
  readonly accept: (from: FeedPosition | undefined) => MonoTypeOperatorFunction<Delivery>
}

/** The source of a pipeline; of a recorded run that goes on, after what was recorded behind its checkpoint. */
export function pipelineFeed(
  source: SourceConfig,
  { from, ...context }: FeedContext,
  { recorder, tail, outlet, accept }: PipelineFeedOptions,
): Feed {
  const open = (position: FeedPosition | undefined) =>
    openFeed(source, { ...context, ...(position && { from: position }) }).pipe(accept(position))
  if (recorder === undefined) return open(from)
  return recordedFeed(recorder, tail, { ...context, valve: outlet, ...(from && { from }) }, open)
}
