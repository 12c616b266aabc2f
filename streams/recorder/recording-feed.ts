import { stat } from 'node:fs/promises'
import { Observable } from 'rxjs'
import { type Delivery, type Feed, type FeedContext, isDeadLetter } from '../feeds/feed.js'
import { codeOf } from '../files/code-of.js'
import { unreadable } from '../files/unreadable.js'
import { untilOpen } from '../overflow/until-open.js'
import { readSegments } from './read-segments.js'
import { RecordedChannels } from './recorded-channels.js'
import { listSegments } from './segments.js'

/** Is it the directory of a recording? @throws ContraflowError FILE_UNREADABLE when that cannot be seen. */
export async function isRecording(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory() && (await listSegments(path)).length > 0
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return false
    throw unreadable(error, path)
  }
}

/**
 * A recording as a source: what came in, accepted or put aside, in its order, with the numbers of their records as positions.
 * `speed` is event time against the clock, default max; `until` the number of the last record that is wanted, default all.
 */
export function recordingFeed(
  {
    path,
    speed = 'max',
    until = Number.POSITIVE_INFINITY,
  }: { readonly path: string; readonly speed?: number | 'max'; readonly until?: number },
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
