import type { Topic } from '../../sinks/sink.js'
import { Batch } from './batch.js'
import { BoundedMap } from './bounded-map.js'
import { Publication } from './publication.js'
import { type Filter, passes, type Selection } from './selection.js'
import type { Subscriber } from './subscriber.js'

/** Bytes that go out at once even within one turn of the event loop, so that what waits here stays small. */
const MOST_WAITING = 64 << 10
/** Subscribers served in one turn: the loop is free again after about a millisecond or two. */
const SLICE = 200
/** Milliseconds between batches while messages are conflated. */
const CONFLATING = 250
/** Topics whose latest message is kept for those who come later. */
export const MOST_TOPICS = 20_000

/** What a new subscription asks for. */
export interface Wish {
  readonly keys?: readonly string[]
  readonly forecasts?: boolean
  readonly snapshot?: boolean
}

/**
 * Takes messages from the pipeline and passes them on to all subscribers. The pipeline waits for nobody: what it publishes
 * in one turn of the event loop goes out in the next ones, slice by slice.
 */
export class Hub {
  readonly subscribers = new Set<Subscriber>()
  published = 0
  /** Messages that went to nobody because newer ones of their topics came while there was too much to do. */
  conflated = 0
  readonly #busy: () => boolean
  readonly #latest = new BoundedMap<Publication>(MOST_TOPICS)
  #sequence = 0
  #batch = new Batch()
  /** A batch on its way, and who does not have it yet. */
  #travelling: { readonly batch: Batch; readonly rest: Subscriber[] } | undefined
  #turn: NodeJS.Immediate | undefined
  #timer: NodeJS.Timeout | undefined

  /** @param busy Is there so much to do that only the latest message of each topic is to go out, four times a second? */
  constructor(busy: () => boolean = () => false) {
    this.#busy = busy
  }

  publish(line: string, topic: Topic): void {
    const publication = new Publication(line, topic, ++this.#sequence)
    this.published++
    this.#latest.renew(publication.slot, publication)
    if (this.subscribers.size === 0) return
    this.#batch.add(publication)
    if (this.#batch.length >= MOST_WAITING && !this.#makeRoom()) this.flush()
    else if (this.#timer === undefined) this.#soon()
  }

  /** What a wish amounts to now: from `after` on what the filter lets through, and before it `first`. */
  select({ keys, forecasts = true, snapshot = false }: Wish = {}): Selection {
    const filter: Filter = { keys: keys && new Set(keys), forecasts }
    const first = snapshot ? [...this.#latest.values()].filter(({ topic }) => passes(filter, topic)) : []
    return { filter, after: this.#sequence, first }
  }

  /** Sends out everything that waits, now. */
  flush(): void {
    if (this.#turn) clearImmediate(this.#turn)
    this.#turn = undefined
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#travelling || this.#batch.publications.length > 0) this.#serve(Number.POSITIVE_INFINITY)
  }

  #soon(): void {
    if (!this.#busy()) {
      this.#turn ??= setImmediate(() => this.#step())
      return
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#makeRoom()
      this.#turn ??= setImmediate(() => this.#step())
    }, CONFLATING)
    this.#timer.unref()
  }

  /** While there is too much to do. @returns Whether half of the room is free now. */
  #makeRoom(): boolean {
    if (!this.#busy()) return false
    this.conflated += this.#batch.conflate()
    return this.#batch.length < MOST_WAITING / 2
  }

  #step(): void {
    this.#serve(SLICE)
    const more = this.#travelling !== undefined || this.#batch.publications.length > 0
    this.#turn = more ? setImmediate(() => this.#step()) : undefined
  }

  #serve(count: number): void {
    this.#travelling ??= this.#depart()
    const { batch, rest } = this.#travelling
    for (const subscriber of rest.splice(Math.max(0, rest.length - count))) subscriber.deliver(batch)
    if (rest.length === 0) this.#travelling = undefined
  }

  #depart(): { batch: Batch; rest: Subscriber[] } {
    const batch = this.#batch
    this.#batch = new Batch()
    return { batch, rest: [...this.subscribers] }
  }
}
