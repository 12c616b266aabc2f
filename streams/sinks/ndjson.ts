import { open as openFile } from 'node:fs/promises'
import { ContraflowError } from '../../src/errors.js'
import type { Valve } from '../overflow/valve.js'
import type { Clock } from '../time/clock.js'
import { cutBack, type SinkMark } from './cut-back.js'
import { LineFile, type Rotation } from './line-file.js'
import { LineQueue } from './line-queue.js'
import type { LineSink, SinkStatus, SinkTail, Topic } from './sink.js'
import { KEPT, type SinkOverflow, sinkOverflow } from './sink-overflow.js'
import { standardOutputSink } from './standard-output.js'
import type { LineBound } from './waiting-lines.js'

/** Where lines go. */
export interface NdjsonSinkOptions {
  /** "-" is standard output. */
  readonly path: string
  /** Add to the file instead of writing it anew. Default false. */
  readonly append?: boolean
  /** Put the file aside when it gets too long. Default: it grows. Not for standard output. */
  readonly rotate?: Rotation
  /**
   * When the file cannot be written, e.g. because the disk is full. `stop` (default) ends the run; `drop` goes on learning, keeps a
   * megabyte of lines (or what `overflow` says), drops what comes after them, and tries again every second.
   */
  readonly whenFull?: 'stop' | 'drop'
  /** Only its owner may read a file that is made. Default false: as is usual for the process. */
  readonly isPrivate?: boolean
  /** What gives when messages come faster than they can be written. Default block: the feed waits. */
  readonly overflow?: SinkOverflow
  /** Go on behind this mark: what the files hold beyond is cut off. */
  readonly from?: SinkMark
}

/** What the sink needs of the world. */
export interface NdjsonSinkContext {
  readonly valve: Valve
  readonly clock: Clock
  /** Called once when writing has failed for good. */
  readonly failed: (error: Error) => void
  /** One line for the operator. */
  readonly log: (line: string) => void
  /** Default: the file system's. */
  readonly open?: typeof openFile
  /** Called before the file is changed; what it throws is a failure to write. Default: nothing stands against it. */
  readonly hold?: () => Promise<void>
}

/** Milliseconds between two tries while nothing can be written. */
const RETRY = 1000

/**
 * One line a message, to a file or standard output. While the writer lags behind, the valve is closed, or lines are dropped. A file holds whole lines only.
 * @throws ContraflowError SINK_FAILED when the file cannot be opened.
 */
export async function ndjsonSink(options: NdjsonSinkOptions, context: NdjsonSinkContext): Promise<LineSink> {
  const { path, append = false, rotate, whenFull = 'stop', isPrivate = false, from } = options
  const overflow = sinkOverflow(options.overflow)
  const { open = openFile, hold } = context
  if (path === '-') return standardOutputSink(context.valve, error => context.failed(sinkFailed(path, error)), overflow)
  try {
    const base = from && (await cutBack(path, rotate ? (rotate.keep ?? 5) : 0, from))
    const goesOn = base !== undefined
    const file = await LineFile.open({
      path,
      append: append || goesOn,
      rotation: rotate,
      isPrivate,
      open,
      ...(hold && { hold }),
      ...(goesOn && { base }),
    })
    return new FileSink(file, { path, whenFull, overflow }, context)
  } catch (error) {
    throw error instanceof ContraflowError ? error : sinkFailed(path, error as Error)
  }
}

interface FileSinkSettings {
  readonly path: string
  readonly whenFull: 'stop' | 'drop'
  readonly overflow: Required<SinkOverflow>
}

class FileSink implements LineSink {
  readonly #file: LineFile
  readonly #settings: FileSinkSettings
  readonly #context: NdjsonSinkContext
  readonly #queue: LineQueue
  readonly tail?: SinkTail
  /** Bytes before the first line that was taken. */
  readonly #begin: number
  #draining: Promise<void> | undefined
  #broken = false
  /** Since when nothing can be written, why, and how many lines had been dropped until then. */
  #failedAt: number | undefined
  #failure: Error | undefined
  #droppedBefore = 0

  constructor(file: LineFile, settings: FileSinkSettings, context: NdjsonSinkContext) {
    this.#file = file
    this.#settings = settings
    this.#context = context
    this.#queue = new LineQueue(file)
    const { mark } = file
    this.#begin = mark?.bytes ?? 0
    if (mark) this.tail = { path: settings.path, position: () => this.#position(), sync: () => this.#sync() }
  }

  get status(): SinkStatus {
    const { path: place, overflow } = this.#settings
    const { bytes: waiting, dropped } = this.#queue
    const failure = this.#failure && sinkFailed(place, this.#failure).message
    return { kind: 'ndjson', place, policy: overflow.policy, waiting, dropped, ...(failure && { failure }) }
  }

  write(line: string, topic?: Topic): void {
    this.#write(line, topic)
  }

  writeBytes(line: Uint8Array, topic?: Topic): void {
    this.#write(line, topic)
  }

  #write(line: string | Uint8Array, topic: Topic | undefined): void {
    if (this.#broken) return
    const bound = this.#bound
    this.#queue.push(line, bound && topic ? `${topic.kind}:${topic.key}` : '', bound)
    if (this.#failedAt !== undefined && this.#context.clock.now() - this.#failedAt < RETRY) return
    this.#draining ??= this.#drain()
    const { policy, bytes } = this.#settings.overflow
    if (policy === 'block' && this.#queue.bytes > bytes && this.#failedAt === undefined) this.#context.valve.hold(this)
  }

  /** None while the feed can be made to wait. */
  get #bound(): LineBound | undefined {
    const { policy, bytes } = this.#settings.overflow
    if (policy !== 'block') return { policy, bytes }
    return this.#failedAt === undefined ? undefined : { policy: 'drop-newest', bytes: Math.max(bytes, KEPT) }
  }

  /** What is in front of it will be in the file. */
  #position(): SinkMark {
    this.#queue.fix()
    return { ...this.#file.mark!, bytes: this.#begin + this.#queue.taken }
  }

  async #sync(): Promise<void> {
    while (this.#queue.bytes > 0 && !this.#broken) {
      const before = this.#failedAt
      this.#draining ??= this.#drain()
      await this.#draining
      if (this.#failedAt !== before) break
    }
    const failure = this.#broken || this.#failedAt !== undefined
    if (failure) throw sinkFailed(this.#settings.path, this.#failure ?? new Error('a file that could not be written'))
    await this.#file.sync()
  }

  async close(): Promise<void> {
    await this.#draining
    if (!this.#broken && this.#queue.bytes > 0) await this.#drain()
    await this.#file.close().catch(error => this.#fail(error as Error))
    if (this.#failedAt !== undefined && !this.#broken)
      this.#context.log(
        `${this.#settings.path}: ${this.#droppedSince} lines were dropped, and ${this.#queue.bytes} bytes are lost`,
      )
  }

  /** Never rejects. */
  async #drain(): Promise<void> {
    // What is written in the same turn goes into the same write.
    await undefined
    try {
      await this.#queue.drain()
      this.#recovered()
    } catch (error) {
      this.#fail(error as Error)
    }
    this.#draining = undefined
    this.#context.valve.release(this)
  }

  #recovered(): void {
    if (this.#failedAt === undefined) return
    this.#context.log(`${this.#settings.path}: written again; ${this.#droppedSince} lines were dropped`)
    this.#failedAt = undefined
    this.#failure = undefined
  }

  get #droppedSince(): number {
    return this.#queue.dropped - this.#droppedBefore
  }

  #fail(error: Error): void {
    const { path, whenFull } = this.#settings
    this.#failure = error
    if (whenFull === 'stop') {
      if (!this.#broken) this.#context.failed(sinkFailed(path, error))
      this.#broken = true
      return
    }
    if (this.#failedAt === undefined) {
      this.#droppedBefore = this.#queue.dropped
      this.#context.log(`${path}: ${error.message}; lines wait until it can be written`)
    }
    this.#failedAt = this.#context.clock.now()
  }
}

function sinkFailed(place: string, cause: Error): ContraflowError {
  return new ContraflowError('SINK_FAILED', { received: cause.message, place }, { cause })
}
