import { type MonoTypeOperatorFunction, Observable, type Subscriber } from 'rxjs'
import { type Delivery, type FeedPosition, isDeadLetter } from '../feeds/feed.js'
import type { Valve } from '../overflow/valve.js'
import type { Clock } from './clock.js'
import { Silence, type SilenceOptions } from './silence.js'
import { ticks } from './ticks.js'

/** What watching needs of the world. */
export interface MarkSilenceOptions extends SilenceOptions {
  readonly clock: Clock
  /** While it is closed nothing can come, and nobody is silent. */
  readonly valve: Pick<Valve, 'open'>
  /** Where the feed stands before anything has come. */
  readonly from?: FeedPosition | undefined
  /** Keys of which something may be held from before; asked when the feed is opened. */
  readonly known?: () => Iterable<string>
}

/**
 * Puts a mark into the stream when a key has been silent for long: what is held of it is to be passed on. What follows from it is
 * then a function of the stream, and of a recording of the stream, not of the clock.
 *
 *     in  (idle 5)   --a1--b1-------b2-|
 *     out            --a1--b1---a*--b2-|
 */
export function markSilence(options: MarkSilenceOptions): MonoTypeOperatorFunction<Delivery> {
  return feed =>
    new Observable(subscriber => {
      const watch = new Watch(options, subscriber)
      subscriber.add(ticks(watch.pause, options.clock).subscribe(() => watch.look()))
      subscriber.add(
        feed.subscribe({
          next: delivery => watch.pass(delivery),
          error: error => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      )
    })
}

class Watch {
  readonly #options: MarkSilenceOptions
  readonly #subscriber: Subscriber<Delivery>
  readonly #silence: Silence
  #position: FeedPosition | undefined

  constructor(options: MarkSilenceOptions, subscriber: Subscriber<Delivery>) {
    this.#options = options
    this.#subscriber = subscriber
    this.#silence = new Silence(options)
    this.#position = options.from
    const now = options.clock.now()
    for (const key of options.known?.() ?? []) this.#silence.hear(key, 0, now)
  }

  get pause(): number {
    return this.#silence.pause
  }

  pass(delivery: Delivery): void {
    const { value, position } = delivery
    this.#position = position
    if (!isDeadLetter(value)) this.#silence.hear(value.key, value.t, this.#options.clock.now())
    this.#subscriber.next(delivery)
  }

  look(): void {
    const { clock, valve } = this.#options
    const position = this.#position
    if (!valve.open || position === undefined) {
      this.#silence.excuse(clock.now())
      return
    }
    for (const value of this.#silence.look(clock.now())) this.#subscriber.next({ value, position })
  }
}
