import { Observable } from 'rxjs'
import type { ErrorCode } from '../../src/errors.js'
import type { OverflowPolicy } from '../../src/names.js'
import { type Delivery, type Feed, isDeadLetter } from '../feeds/feed.js'
import { Load, type LoadGauge } from '../load/load.js'
import { Drain } from './drain.js'
import { LostRun } from './lost-run.js'
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
  /** Of the feed: held while nothing more may come, by the policies that drop nothing. */
  readonly inlet: Valve
  /** Nothing is passed on while it is closed: a sink, or the workers, cannot take more. */
  readonly outlet: Valve
  /** Told how full the queue is; asked whether updates are to be skipped. Default: one of its own. */
  readonly load?: Load
  /** Calls back when others have had their turn. Default setImmediate. */
  readonly schedule?: (turn: () => void) => void
  /** Milliseconds that never go back; what takes long is passed on over more turns. Default that of the machine. */
  readonly now?: () => number
}

/** Values that may wait, where a pipeline file is silent. */
export const DEFAULT_LIMIT = 1024

/** A value that waits, and what was dropped right before it. */
interface Waiting {
  readonly delivery: Delivery
  before: LostRun | undefined
}

/**
 * A bounded queue between a feed and the learners. It is emptied in turns, so that sockets and timers get theirs. What comes to a full
 * queue is for the policy; what is dropped is passed on as such, in its place of the stream, so that a position of the feed tells
 * what has become of everything before it. What waits at the end of the feed is passed on.
 */
export class OverflowQueue {
  readonly #policy: OverflowPolicy
  readonly #limit: number
  readonly #context: OverflowContext
  readonly #load: Load
  readonly #gauge: LoadGauge | undefined
  #waiting: Waiting[] = []
  /** What was dropped behind all that waits. */
  #tail: LostRun | undefined
  /** Letters that are kept. */
  #letters = 0

  constructor({ policy, limit = DEFAULT_LIMIT }: OverflowOptions, context: OverflowContext) {
    this.#policy = policy
    this.#limit = limit
    this.#context = context
    this.#load = context.load ?? new Load()
    // A feed that is to wait fills its queue however little there is to do.
    if (policy !== 'block') this.#gauge = this.#load.gauge('queue', this.#blocks ? 'pause-feed' : 'conflate')
  }

  /** Closed while the feed is to wait. */
  get inlet(): Valve {
    return this.#context.inlet
  }

  /** Values that wait. */
  get length(): number {
    return this.#waiting.length
  }

  /** Values that were dropped and have not been passed on as such, by code. */
  get lost(): ReadonlyMap<ErrorCode, number> {
    const lost = new Map<ErrorCode, number>()
    for (const { before } of this.#waiting) before?.count(lost)
    this.#tail?.count(lost)
    return lost
  }

  /** The feed, through the queue. */
  follow(feed: Feed): Feed {
    const { inlet, outlet, schedule = turn => void setImmediate(turn), now = () => performance.now() } = this.#context
    return new Observable(subscriber => {
      const drain = new Drain<Delivery>(subscriber, () => this.#next(), { valve: outlet, schedule, now })
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
        this.#waiting = []
        this.#tail = undefined
        this.#gauge?.fill(0)
        inlet.release(this)
      }
    })
  }

  get #blocks(): boolean {
    return this.#policy === 'block' || this.#policy === 'skip-update'
  }

  #take(delivery: Delivery): void {
    const full = this.#waiting.length >= this.#limit && !this.#blocks
    if (full && this.#policy === 'drop-newest') {
      this.#tail ??= new LostRun()
      this.#lose(this.#tail, delivery)
    } else {
      if (full) this.#makeRoom(delivery)
      this.#waiting.push({ delivery, before: this.#tail })
      this.#tail = undefined
    }
    this.#measure()
  }

  /** The oldest goes; with `coalesce` the oldest of the same key, where there is one. */
  #makeRoom({ value }: Delivery): void {
    const same = ({ delivery: { value: other } }: Waiting) =>
      !isDeadLetter(value) && !isDeadLetter(other) && other.key === value.key
    const index = this.#policy === 'coalesce' ? Math.max(0, this.#waiting.findIndex(same)) : 0
    const [{ delivery, before }] = this.#waiting.splice(index, 1) as [Waiting]
    const run = before ?? new LostRun()
    this.#lose(run, delivery)
    const next = this.#waiting[index]
    const later = next ? next.before : this.#tail
    if (later) run.append(later)
    if (next) next.before = run
    else this.#tail = run
  }

  #lose(run: LostRun, delivery: Delivery): void {
    const before = run.letters.length
    run.add(delivery, this.#letters < this.#limit)
    this.#letters += run.letters.length - before
  }

  #measure(): void {
    const fill = this.#waiting.length / this.#limit
    this.#gauge?.fill(fill)
    if (this.#gauge ? this.#gauge.stage === 'pause-feed' : fill >= 1) this.#pause()
    else if (fill <= 1 / 2) this.#context.inlet.release(this)
  }

  #pause(): void {
    if (this.#blocks) this.#context.inlet.hold(this)
  }

  #next(): Delivery | undefined {
    const first = this.#waiting[0]
    const run = first ? first.before : this.#tail
    if (run) {
      if (first) first.before = undefined
      else this.#tail = undefined
      this.#letters -= run.letters.length
      return run.delivery
    }
    if (first === undefined) return undefined
    // What the update would cost is needed to catch up.
    const hurried = this.#policy === 'skip-update' && this.#load.sheds('skip-updates')
    this.#waiting.shift()
    this.#measure()
    const { delivery } = first
    if (!hurried || isDeadLetter(delivery.value)) return delivery
    return { ...delivery, value: { ...delivery.value, learn: false } }
  }
}
