import { stat } from 'node:fs/promises'
import { Observable } from 'rxjs'
import { ContraflowError } from '../../src/errors.js'
import { type Delivery, type Feed, type FeedContext, isDeadLetter } from '../feeds/feed.js'
import { codeOf } from '../files/code-of.js'
import { unreadable } from '../files/unreadable.js'
import { untilOpen } from '../overflow/until-open.js'
import { readSegment, readSegments } from './read-segments.js'
import { RecordedChannels } from './recorded-channels.js'
import { listSegments, type Segment, segmentAt } from './segments.js'

/** Is it the directory of a recording, or a file of one? @throws ContraflowError FILE_UNREADABLE when that cannot be seen. */
export async function isRecording(path: string): Promise<boolean> {
  try {
    const alone = (await stat(path)).isDirectory() ? undefined : segmentAt(path)
    for (const segment of alone ? [alone] : await listSegments(path)) if (await beginsWithRecord(segment)) return true
    return false
  } catch (error) {
    if (error instanceof ContraflowError) throw error
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return false
    throw unreadable(error, path)
  }
}

/** Logs of others may have such a name. */
async function beginsWithRecord(segment: Segment): Promise<boolean> {
  try {
    for await (const records of readSegment(segment, new AbortController().signal)) if (records.length > 0) return true
  } catch (error) {
    if (!(error instanceof ContraflowError && error.code === 'FILE_DAMAGED')) throw error
  }
  return false
}

/** Which recording, and how it is read. */
export interface RecordingOptions {
  /** Its directory, or one of its files. */
  readonly path: string
  readonly speed?: number | 'max'
  /** It is not: that is said. */
  readonly follow?: boolean
  readonly until?: number
}

/**
 * A recording as a source: what came in, accepted or put aside, in its order, with the numbers of their records as positions.
 * `speed` is event time against the clock, default max; `until` the number of the last record that is wanted, default all.
 */
export function recordingFeed(
  { path, speed = 'max', follow = false, until = Number.POSITIVE_INFINITY }: RecordingOptions,
  context: FeedContext,
): Feed {
  return new Observable(subscriber => {
    const stop = new AbortController()
    const { valve, clock, log, from } = context
    const known = new RecordedChannels(path, context.decoder)
    let origin: { readonly t: number; readonly clock: number } | undefined
    const pace = async (value: Delivery['value'], factor: number) => {
      if (isDeadLetter(value) || value.arrival === 'idle') return
      const { t } = value
      origin ??= { t, clock: clock.now() }
      const wait = origin.clock + ((t - origin.t) / factor) * 1000 - clock.now()
      if (wait > 1) await clock.sleep(wait, stop.signal)
    }
    const skipped = (first: number, last: number) => {
      if (last < until) log(`${path}: records ${first} to ${last} are missing`)
    }
    if (follow) log(`${path} is a recording: it is read to its end, and not followed`)
    const run = async () => {
      for await (const records of readSegments(path, from?.record ?? 0, stop.signal, skipped)) {
        for (const record of records) {
          const { n, at: _, channels: __, ...delivery } = record
          const { value, position } = delivery
          if (n > until) return
          known.take(record)
          if (speed !== 'max') await pace(value, speed)
          if (stop.signal.aborted) return
          subscriber.next({ ...delivery, position: { ...position, record: n } } satisfies Delivery)
          if (!valve.open) await untilOpen(valve, stop.signal)
        }
        // Sockets and timers get their turn.
        await new Promise(resume => setImmediate(resume))
      }
    }
    run().then(
      () => subscriber.complete(),
      error => subscriber.closed || subscriber.error(error), // who has left hears no more
    )
    return () => stop.abort()
  })
}
