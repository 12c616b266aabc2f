import { Observable, type Subscriber } from 'rxjs'
import type { OverflowPolicy } from '../src/names.js'
import type { Delivery, Feed } from './feeds/feed.js'
import { isDeadLetter } from './feeds/feed.js'
import type { Valve } from './valve.js'

/** What happens when more comes than is learned. */
export interface OverflowOptions {
  /** See `overflow.md`. */
  readonly policy: OverflowPolicy
  /** Values that may wait. Default 1024. */
  readonly limit?: number
}

/** What a queue needs of the world. */
export interface OverflowContext {
  /** Held while nothing more may come, by the policies that drop nothing. */
  readonly valve: Valve
  /** Gets what the policy drops. */
  readonly dropped: (delivery: Delivery) => void
  /** Calls back when others have had their turn. Default setImmediate. */
  readonly schedule?: (turn: () => void) => void
}

/** Values that are passed on in one turn. */
const TURN = 16

/**
 * A bounded queue between a feed and the learners. It is emptied in turns, so that sockets and timers get theirs, with at most
 * one turn scheduled. What comes to a full queue is for the policy; what is in it at the end of the feed is passed on.
 */
export class OverflowQueue {
  readonly #policy: OverflowPolicy
  readonly #limit: number
  readonly #context: OverflowContext
  #waiting: Delivery[] = []

  constructor({ policy, limit = 1024 }: OverflowOptions, context: OverflowContext) {
    this.#policy = policy
    this.#limit = limit
    this.#context = context
  }

  /** Values that wait. */
  get length(): number {
    return this.#waiting.length
  }

  /** The feed, through the queue. */
  follow(feed: Feed): Feed {
    return new Observable(subscriber => {
      const drain = new Drain(
        subscriber,
        () => this.#next(),
        this.#context.schedule ?? (turn => void setImmediate(turn)),
      )
      const subscription = feed.subscribe({
        next: delivery => {
          this.#take(delivery)
          drain.wake()
        },
        error: error => drain.end(() => subscriber.error(error)),
        complete: () => drain.end(() => subscriber.complete()),
      })
      return () => {
        subscription.unsubscribe()
        this.#context.valve.release(this)
        this.#waiting = []
      }
    })
  }

  #take(delivery: Delivery): void {
    const full = this.#waiting.length >= this.#limit
    const blocks = this.#policy === 'block' || this.#policy === 'skip-update'
    if (!full || blocks) this.#waiting.push(delivery)
    else if (this.#policy === 'drop-newest') this.#context.dropped(delivery)
    else {
      this.#context.dropped(this.#makeRoom(delivery))
      this.#waiting.push(delivery)
    }
    if (blocks && this.#waiting.length >= this.#limit) this.#context.valve.hold(this)
  }

  /** The oldest; with `coalesce` the oldest of the same key, where there is one. */
  #makeRoom({ value }: Delivery): Delivery {
    const same = ({ value: other }: Delivery) => !isDeadLetter(value) && !isDeadLetter(other) && other.key === value.key
    const index = this.#policy === 'coalesce' ? Math.max(0, this.#waiting.findIndex(same)) : 0
    return this.#waiting.splice(index, 1)[0]!
  }

  #next(): Delivery | undefined {
    // More than half full: what the update would cost is needed to catch up.
    const hurried = this.#policy === 'skip-update' && this.#waiting.length > this.#limit / 2
    const delivery = this.#waiting.shift()
    if (this.#waiting.length <= this.#limit / 2) this.#context.valve.release(this)
    if (delivery === undefined || !hurried || isDeadLetter(delivery.value)) return delivery
    return { ...delivery, value: { ...delivery.value, learn: false } }
  }
}

/** Passes values on in turns until there are none. */
class Drain {
  readonly #subscriber: Subscriber<Delivery>
  readonly #next: () => Delivery | undefined
  readonly #schedule: (turn: () => void) => void
  #scheduled = false
  #finish: (() => void) | undefined

  constructor(
    subscriber: Subscriber<Delivery>,
    next: () => Delivery | undefined,
    schedule: (turn: () => void) => void,
  ) {
    this.#subscriber = subscriber
    this.#next = next
    this.#schedule = schedule
  }

  wake(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#schedule(() => this.#turn())
  }

  /** When nothing waits any more. */
  end(finish: () => void): void {
    this.#finish = finish
    this.wake()
  }

  #turn(): void {
    this.#scheduled = false
    for (let n = 0; n < TURN; n++) {
      if (this.#subscriber.closed) return
      const delivery = this.#next()
      if (delivery === undefined) {
        this.#finish?.()
        return
      }
      this.#subscriber.next(delivery)
    }
    this.wake()
  }
}
