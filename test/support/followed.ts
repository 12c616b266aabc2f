import { onTestFinished } from 'vitest'
import type { Delivery, FeedContext, FeedPosition } from '../../streams/feeds/feed.js'
import { logFeed } from '../../streams/feeds/log/log.js'
import type { LogFeedOptions } from '../../streams/feeds/log/log-options.js'
import { VirtualClock } from './clock.js'
import { feedContext, outline, Watch } from './feeds.js'

/** Lines of one length, so that files of as many lines have as many bytes. */
export const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `{"t":${from + i},"y":[${String(from + i).padStart(6, '1')}]}\n`).join('')
/** Event times of such lines. */
export const times = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

/** A clock that lets whoever waits for it know how often somebody has looked and found nothing. */
export class PatientClock extends VirtualClock {
  #waiting: (() => void)[] = []

  override async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
    await new Promise(setImmediate)
    await super.sleep(milliseconds, signal)
  }

  /** Resolves when the feed has found nothing new. */
  idle(): Promise<void> {
    return new Promise(resolve => this.#waiting.push(resolve))
  }
}

/** Follows a log until the test ends. */
export function follow(path: string, more: Partial<FeedContext> = {}, options: Partial<LogFeedOptions> = {}) {
  const clock = new PatientClock()
  const context = feedContext({ clock, ...more })
  const watch = new Watch<Delivery>(logFeed({ path, follow: true, ...options }, context))
  onTestFinished(() => watch.unsubscribe())
  const seen = () => outline(watch.values.map(({ value }) => value))
  return { watch, clock, context, seen }
}

/** A position as a checkpoint would give it back. */
export const stored = (position: FeedPosition): FeedPosition => JSON.parse(JSON.stringify(position))
