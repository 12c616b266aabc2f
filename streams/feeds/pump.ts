import { Observable, type Subscriber } from 'rxjs'
import { deadLetterOf } from '../../src/config/decoders/dead-letter-of.js'
import type { Decoded } from '../../src/config/decoders/decoder.js'
import type { ErrorCode } from '../../src/errors.js'
import { untilOpen } from '../overflow/until-open.js'
import {
  type Delivery,
  type Feed,
  type FeedContext,
  type FeedPosition,
  type FileIdentity,
  isDeadLetter,
} from './feed.js'
import type { RecordBatch, RecordFlaw, TextRecord } from './records.js'

export interface PumpOptions {
  /** Event time against the clock: 1 as it was, n times as fast, max without waiting. */
  readonly speed: number | 'max'
}

/** Milliseconds of work after which other tasks get their turn. */
const SLICE = 10

const FLAWS: Readonly<Record<RecordFlaw, ErrorCode>> = {
  'too-large': 'OBSERVATION_TOO_LARGE',
  'not-utf8': 'OBSERVATION_NOT_TEXT',
  cut: 'OBSERVATION_CUT',
}

/**
 * A feed of text records. Takes a record only when the valve is open, keeps the pace of the event times, and lets sockets and
 * timers run in between. When it goes on from a position, the first record is the one of that position.
 */
export function pumpRecords(
  open: (signal: AbortSignal) => AsyncIterable<RecordBatch>,
  { speed }: PumpOptions,
  context: FeedContext,
): Feed {
  return new Observable(subscriber => {
    const stop = new AbortController()
    const pump = new Pump(subscriber, speed, context, stop.signal)
    pump.run(open(stop.signal)).then(
      () => subscriber.complete(),
      // A stream that is closed under its reader says so; who has left did that, and hears no more.
      error => subscriber.closed || subscriber.error(error),
    )
    return () => stop.abort()
  })
}

class Pump {
  readonly #subscriber: Subscriber<Delivery>
  readonly #speed: number | 'max'
  readonly #context: FeedContext
  readonly #signal: AbortSignal
  #sliceStart: number
  /** Values of the first message that were taken in before. */
  #skip: number
  /** Event time and clock when the first observation came. */
  #origin: { readonly t: number; readonly clock: number } | undefined

  constructor(subscriber: Subscriber<Delivery>, speed: number | 'max', context: FeedContext, signal: AbortSignal) {
    this.#subscriber = subscriber
    this.#speed = speed
    this.#context = context
    this.#signal = signal
    this.#sliceStart = context.clock.now()
    this.#skip = context.from?.values ?? 0
  }

  async run(batches: AsyncIterable<RecordBatch>): Promise<void> {
    for await (const batch of batches) {
      for (const record of batch.records) {
        if (record.text.length === 0 && record.flaw === undefined) continue
        const decoded = this.#read(record, batch.name)
        const values = Array.isArray(decoded) ? decoded : await decoded
        // Promises only where there is something to wait for: one for every record would cost more than to decode it.
        for (let i = this.#takenBefore(record, values, batch); i < values.length; i++) {
          const value = values[i]!
          if (this.#speed !== 'max' && !isDeadLetter(value)) await this.#keepPace(value.t, this.#speed)
          if (this.#signal.aborted) return
          this.#subscriber.next({ value, position: positionOf(record, i + 1, batch.file, values) })
          if (!this.#context.valve.open) await untilOpen(this.#context.valve, this.#signal)
          if (this.#context.clock.now() - this.#sliceStart > SLICE) await this.#yield()
        }
        if (this.#signal.aborted) return
      }
      if (this.#signal.aborted) return
    }
  }

  #read(
    { text, line, offset, flaw, open }: TextRecord,
    name: string,
  ): readonly Decoded[] | Promise<readonly Decoded[]> {
    const origin = { place: () => `${name}:${line}`, ...(offset === 0 && { first: true }) }
    if (flaw !== undefined) return [deadLetterOf(FLAWS[flaw], text, origin)]
    this.#context.onFrame?.(text, origin)
    const decoded = this.#context.decoder.read(text, origin)
    // A message that begins and has neither its end nor a line end was cut: nobody could send it on one line.
    if (open === undefined || !/^\s*[[{]/.test(text)) return decoded
    const told = (values: readonly Decoded[]) =>
      values.map(value => (isUnreadable(value) ? deadLetterOf('OBSERVATION_CUT', text, origin) : value))
    return decoded instanceof Promise ? decoded.then(told) : told(decoded)
  }

  /** Of the message of the position itself, how many values were taken in; a header may come before it. */
  #takenBefore(record: TextRecord, values: readonly Decoded[], { anew }: RecordBatch): number {
    const { from } = this.#context
    if (this.#skip === 0 || anew || record.offset !== from?.offset) return 0
    const skip = this.#skip
    this.#skip = 0
    if (from.open === undefined || from.open === record.open) return skip
    // When it could not be used, its end was missing, or nothing but its line end.
    return Buffer.byteLength(record.text) === from.open && values.every(isDeadLetter) ? skip : 0
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

function isUnreadable(value: Decoded): boolean {
  return isDeadLetter(value) && value.code === 'OBSERVATION_NOT_JSON'
}

function positionOf(
  { line, offset, open }: TextRecord,
  taken: number,
  file: FileIdentity | undefined,
  values: readonly Decoded[],
): FeedPosition {
  const position = file ? { message: line, values: taken, offset, file } : { message: line, values: taken, offset }
  return open !== undefined && values.every(isDeadLetter) ? { ...position, open } : position
}
