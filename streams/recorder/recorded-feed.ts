import { concat, defer, map, tap } from 'rxjs'
import type { Feed, FeedContext, FeedPosition } from '../feeds/feed.js'
import type { RecordPart } from './record-tail.js'
import type { Recorder } from './recorder.js'
import { recordingFeed } from './recording-feed.js'

/**
 * A feed whose values are written down before they are passed on. When a run goes on from a checkpoint, what was recorded
 * behind it comes first, from the recording: what was accepted before a crash is learned after it, though its source has moved on,
 * and what was put aside is counted, though its source is not read again.
 * @param tail Where that is. @param open Opens the feed itself, to go on from a position.
 */
export function recordedFeed(
  recorder: Recorder,
  tail: readonly RecordPart[],
  context: FeedContext,
  open: (from: FeedPosition | undefined) => Feed,
): Feed {
  let from = context.from
  const read = ({ directory, after, until }: RecordPart) => {
    // Numbers go on from one recording to the next, though what is before `after` may be somebody else's.
    const begin: FeedPosition = { message: 0, values: 0, record: Math.max(after, from?.record ?? 0) }
    return recordingFeed({ path: directory, until }, { ...context, from: begin }).pipe(
      tap(({ position }) => {
        from = position
      }),
    )
  }
  return concat(
    ...tail.map(part => defer(() => read(part))),
    // Message 0 is before the first one.
    defer(() => open(from?.message === 0 ? undefined : from)).pipe(
      map(delivery => {
        const record = recorder.record(delivery)
        return { ...delivery, position: { ...delivery.position, record } }
      }),
    ),
  )
}
