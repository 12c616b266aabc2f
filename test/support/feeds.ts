import { map, type Observable, type Subscription } from 'rxjs'
import type { Decoded } from '../../src/config/decoders/decoder.js'
import { ObservationDecoder } from '../../src/config/decoders/observation-message.js'
import { type Feed, type FeedContext, isDeadLetter } from '../../streams/feeds/feed.js'
import { Valve } from '../../streams/overflow/valve.js'
import { VirtualClock } from './clock.js'

export interface TestContext extends FeedContext {
  readonly logs: string[]
}

/** A world of its own for a feed: open valve, virtual time, the middle of all random numbers. */
export function feedContext(more: Partial<FeedContext> = {}): TestContext {
  const logs: string[] = []
  return {
    decoder: new ObservationDecoder(),
    valve: new Valve(),
    clock: new VirtualClock(),
    random: () => 0.5,
    log: line => logs.push(line),
    ...more,
    logs,
  }
}

/** A subscription that can be awaited. */
export class Watch<T> {
  readonly values: T[] = []
  error: unknown
  completed = false
  /** Resolves at the error or the completion. */
  readonly end: Promise<void>
  readonly #subscription: Subscription
  readonly #waiting: { count: number; resolve: () => void }[] = []

  /** @param onValue Called with each value and their number so far. */
  constructor(source: Observable<T>, onValue: (value: T, count: number) => void = () => {}) {
    let ended = () => {}
    this.end = new Promise(resolve => {
      ended = resolve
    })
    this.#subscription = source.subscribe({
      next: value => {
        const count = this.values.push(value)
        onValue(value, count)
        for (const { count: wanted, resolve } of this.#waiting) if (wanted <= count) resolve()
      },
      error: error => {
        this.error = error
        ended()
      },
      complete: () => {
        this.completed = true
        ended()
      },
    })
  }

  /** Resolves when so many values have come. */
  has(count: number): Promise<void> {
    if (this.values.length >= count) return Promise.resolve()
    return new Promise(resolve => this.#waiting.push({ count, resolve }))
  }

  unsubscribe(): void {
    this.#subscription.unsubscribe()
  }
}

/** What a feed gives, without its positions. */
export function watchFeed(feed: Feed, onValue?: (value: Decoded, count: number) => void): Watch<Decoded> {
  return new Watch(feed.pipe(map(({ value }) => value)), onValue)
}

/** Event times of observations, codes of dead letters. */
export function outline(values: readonly Decoded[]): (number | string)[] {
  return values.map(value => (isDeadLetter(value) ? value.code : value.t))
}
