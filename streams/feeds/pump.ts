import { Observable, type Subscriber } from 'rxjs'
import type { DeadLetter } from '../../src/dead-letter.js'
import type { Observation } from '../../src/observation.js'
import { type Feed, type FeedContext, isDeadLetter } from './feed.js'

export interface PumpOptions {
  /** Names the source in messages: a path, stdin. */
  readonly name: string
  /** Event time against the clock: 1 as it was, n times as fast, max without waiting. */
  readonly speed: number | 'max'
}

/** Milliseconds of work after which other tasks get their turn. */
const SLICE = 10

/**
 * A feed of text lines. Takes a line only when the valve is open, keeps the pace of the event times, and lets sockets and
 * timers run in between.
 */
export function pumpLines(
  open: (signal: AbortSignal) => AsyncIterable<readonly string[]>,
  { name, speed }: PumpOptions,
  context: FeedContext,
): Feed {
  return new Observable(subscriber => {
    const stop = new AbortController()
    const pump = new Pump(subscriber, speed, context, stop.signal)
    pump.run(open(stop.signal), name).then(
      () => subscriber.complete(),
      error => subscriber.error(error),
    )
    return () => stop.abort()
  })
}

class Pump {
  readonly #subscriber: Subscriber<Observation | DeadLetter>
  readonly #speed: number | 'max'
  readonly #context: FeedContext
  readonly #signal: AbortSignal
  #sliceStart: number
  /** Event time and clock when the first observation came. */
  #origin: { readonly t: number; readonly clock: number } | undefined

  constructor(
    subscriber: Subscriber<Observation | DeadLetter>,
    speed: number | 'max',
    context: FeedContext,
    signal: AbortSignal,
  ) {
    this.#subscriber = subscriber
    this.#speed = speed
    this.#context = context
    this.#signal = signal
    this.#sliceStart = context.clock.now()
  }

  async run(batches: AsyncIterable<readonly string[]>, name: string): Promise<void> {
    let number = 0
    for await (const batch of batches) {
      for (const line of batch) {
        number++
        if (line.length === 0) continue
        const place = number
        const value = this.#context.decoder.decode(line, () => `${name}:${place}`)
        if (this.#speed !== 'max' && !isDeadLetter(value)) await this.#keepPace(value.t, this.#speed)
        if (this.#signal.aborted) return
        this.#subscriber.next(value)
        if (!this.#context.valve.open) await new Promise<void>(resume => this.#context.valve.whenOpen(resume))
        if (this.#context.clock.now() - this.#sliceStart > SLICE) await this.#yield()
      }
      if (this.#signal.aborted) return
    }
  }

  async #keepPace(t: number, speed: number): Promise<void> {
    const now = this.#context.clock.now()
    this.#origin ??= { t, clock: now }
    const wait = this.#origin.clock + ((t - this.#origin.t) / speed) * 1000 - now
    // Timers are no finer than a millisecond: shorter waits add up and are made good later.
    if (wait > 1) await this.#context.clock.sleep(wait, this.#signal)
  }

  async #yield(): Promise<void> {
    await new Promise(resume => setImmediate(resume))
    this.#sliceStart = this.#context.clock.now()
  }
}
