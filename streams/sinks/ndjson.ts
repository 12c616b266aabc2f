import { open as openFile } from 'node:fs/promises'
import { ContraflowError } from '../../src/errors.js'
import type { Clock } from '../clock.js'
import type { Valve } from '../valve.js'
import { cutBack, type SinkMark } from './cut-back.js'
import { LineFile, type Rotation } from './line-file.js'
import { LineQueue } from './line-queue.js'
import type { LineSink, SinkTail } from './sink.js'
import { standardOutputSink } from './standard-output.js'

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
   * megabyte of lines, drops what comes after them, and tries again every second.
   */
  readonly whenFull?: 'stop' | 'drop'
  /** Only its owner may read a file that is made. Default false: as is usual for the process. */
  readonly isPrivate?: boolean
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
}

/** Bytes that may wait before the valve is closed, and those that are kept while nothing can be written. */
const [WAITING, KEPT] = [64 << 10, 1 << 20]
/** Milliseconds between two tries while nothing can be written. */
const RETRY = 1000

/**
 * One line a message, to a file or standard output. While the writer lags behind, the valve is closed. A file holds whole lines only.
 * @throws ContraflowError SINK_FAILED when the file cannot be opened.
 */
export async function ndjsonSink(options: NdjsonSinkOptions, context: NdjsonSinkContext): Promise<LineSink> {
  const { path, append = false, rotate, whenFull = 'stop', isPrivate = false, from } = options
  const { open = openFile } = context
  if (path === '-') return standardOutputSink(context.valve, error => context.failed(sinkFailed(path, error)))
  try {
    const base = from && (await cutBack(path, rotate ? (rotate.keep ?? 5) : 0, from))
    const goesOn = base !== undefined
    const file = await LineFile.open({
      path,
      append: append || goesOn,
      rotation: rotate,
      isPrivate,
      open,
      ...(goesOn && { base }),
    })
    return new FileSink(file, path, whenFull, context)
  } catch (error) {
    throw error instanceof ContraflowError ? error : sinkFailed(path, error as Error)
  }
}

class FileSink implements LineSink {
  readonly #file: LineFile
  readonly #path: string
  readonly #whenFull: 'stop' | 'drop'
  readonly #context: NdjsonSinkContext
  readonly #queue: LineQueue
  readonly tail?: SinkTail
  /** Bytes up to the end of the last line that was taken. */
  #end: number
  #draining: Promise<void> | undefined
  #broken = false
  /** Since when nothing can be written, and how many lines that has cost. */
  #failedAt: number | undefined
  #dropped = 0

  constructor(file: LineFile, path: string, whenFull: 'stop' | 'drop', context: NdjsonSinkContext) {
    this.#file = file
    this.#path = path
    this.#whenFull = whenFull
    this.#context = context
    this.#queue = new LineQueue(file)
    const { mark } = file
    this.#end = mark?.bytes ?? 0
    if (mark) this.tail = { path, position: () => this.#position(), sync: () => this.#sync() }
  }

  write(line: string): void {
    if (this.#broken) return
    if (this.#failedAt !== undefined && this.#queue.bytes > KEPT) this.#dropped++
    else this.#end += this.#queue.push(line)
    if (this.#failedAt !== undefined && this.#context.clock.now() - this.#failedAt < RETRY) return
    this.#draining ??= this.#drain()
    if (this.#queue.bytes > WAITING && this.#failedAt === undefined) this.#context.valve.hold(this)
  }

  #position(): SinkMark {
    return { ...this.#file.mark!, bytes: this.#end }
  }

  async #sync(): Promise<void> {
    while (this.#queue.bytes > 0 && !this.#broken) {
      const before = this.#failedAt
      this.#draining ??= this.#drain()
      await this.#draining
      if (this.#failedAt !== before) break
    }
    const failure = this.#broken || this.#failedAt !== undefined
    if (failure) throw sinkFailed(this.#path, new Error('a file that could not be written'))
    await this.#file.sync()
  }

  async close(): Promise<void> {
    await this.#draining
    if (!this.#broken && this.#queue.bytes > 0) await this.#drain()
    await this.#file.close().catch(error => this.#fail(error as Error))
    if (this.#failedAt !== undefined && !this.#broken)
      this.#context.log(`${this.#path}: ${this.#dropped} lines were dropped, and ${this.#queue.bytes} bytes are lost`)
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
    this.#context.log(`${this.#path}: written again; ${this.#dropped} lines were dropped`)
    this.#failedAt = undefined
    this.#dropped = 0
  }

  #fail(error: Error): void {
    if (this.#whenFull === 'stop') {
      if (!this.#broken) this.#context.failed(sinkFailed(this.#path, error))
      this.#broken = true
      return
    }
    if (this.#failedAt === undefined)
      this.#context.log(`${this.#path}: ${error.message}; lines wait until it can be written`)
    this.#failedAt = this.#context.clock.now()
  }
}

function sinkFailed(place: string, cause: Error): ContraflowError {
  return new ContraflowError('SINK_FAILED', { received: cause.message, place }, { cause })
}
