import { concat, defer, EMPTY, map, tap } from 'rxjs'
import type { Feed, FeedContext, FeedPosition } from '../feeds/feed.js'
import type { Recorder } from './recorder.js'
import { recordingFeed } from './recording-feed.js'

/**
 * A feed whose values are written down before they are passed on. When a run goes on from a checkpoint, what was recorded
 * behind it comes first, from the recording: what was accepted before a crash is learned after it, though its source has moved on,
 * and what was put aside is counted, though its source is not read again.
 * @param open Opens the feed itself, to go on from a position.
 */
export function recordedFeed(
  recorder: Recorder,
  context: Omit<FeedContext, 'decoder'>,
  open: (from: FeedPosition | undefined) => Feed,
): Feed {
  let from = context.from
  const record = from?.record
  if (record !== undefined) recorder.last = Math.max(recorder.last, record)
  const tail = record === undefined ? EMPTY : recordingFeed({ path: recorder.directory }, context)
  return concat(
    tail.pipe(
      tap(({ position }) => {
        from = position
      }),
    ),
    // Message 0 is before the first one.
    defer(() => open(from?.message === 0 ? undefined : from)).pipe(
      map(delivery => {
        const record = recorder.record(delivery)
        return { ...delivery, position: { ...delivery.position, record } }
      }),
    ),
  )
}
