import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { FeedContext, FeedPosition, FileIdentity } from './feed.js'
import { LineSplitter } from './line-splitter.js'
import { LogFile } from './log-file.js'
import type { LogFeedOptions } from './log-options.js'
import { findFile, type LogSet } from './log-set.js'
import { headerOf, readLogFile, startOf } from './read-log-file.js'
import type { RecordBatch, TextRecord } from './records.js'

/** Reads a log that is still being written, file after file, until it is told to stop. */
export class FollowedLog {
  readonly #logs: LogSet
  readonly #options: LogFeedOptions
  readonly #signal: AbortSignal
  readonly #context: FeedContext
  /** What the file that is being read is known by. */
  #identity: FileIdentity | undefined

  constructor(logs: LogSet, options: LogFeedOptions, signal: AbortSignal, context: FeedContext) {
    this.#logs = logs
    this.#options = options
    this.#signal = signal
    this.#context = context
  }

  async *read(): AsyncGenerator<RecordBatch> {
    let { path, from } = await this.#begin()
    while (!this.#signal.aborted) {
      if (path === undefined) {
        await this.#wait()
        path = this.#logs.first(await this.#logs.list())
        continue
      }
      const file = await LogFile.open(path)
      try {
        this.#identity = await file.identity()
        yield* file.zipped ? this.#readZipped(file, from) : this.#tail(file, from)
        from = undefined
        path = await this.#after(file)
      } finally {
        await file.close()
      }
    }
  }

  async #begin(): Promise<{ path: string | undefined; from: FeedPosition | undefined }> {
    const paths = await this.#logs.list()
    const { from, log } = this.#context
    if (from?.file === undefined) return { path: this.#logs.first(paths), from: undefined }
    const known = await findFile(paths, from.file)
    if (known !== undefined) return { path: known, from }
    log(`${from.file.name} is gone; going on with what is there`)
    return { path: this.#logs.after(paths, from.file.name), from: undefined }
  }

  /** The file that was written next; waits until there is one. */
  async #after(file: LogFile): Promise<string | undefined> {
    for (;;) {
      const next = await this.#successor(file)
      if (next !== undefined || this.#signal.aborted) return next
      await this.#wait()
    }
  }

  /** The file that was written next, if there is one by now. */
  async #successor(file: LogFile): Promise<string | undefined> {
    const paths = await this.#logs.list()
    const newest = paths.at(-1)
    // Most of the time it is the one that is open.
    if (newest === undefined || (await stat(newest).catch(() => undefined))?.ino === file.inode) return undefined
    const own = this.#identity && (await findFile(paths, this.#identity))
    return own === undefined ? this.#logs.after(paths, basename(file.path)) : paths[paths.indexOf(own) + 1]
  }

  /** A plain file, until another one takes its place. */
  async *#tail(file: LogFile, from: FeedPosition | undefined): AsyncGenerator<RecordBatch> {
    if (this.#options.quoted && startOf(from).offset > 0)
      yield this.#batch(file, await headerOf(file, this.#options, this.#signal))
    let splitter = new LineSplitter({ ...this.#options, start: startOf(from) })
    let position = splitter.offset
    let replaced = false
    while (!this.#signal.aborted) {
      const chunk = await file.readAt(position)
      position += chunk.length
      await this.#recognise(file)
      if (chunk.length > 0) yield this.#batch(file, splitter.push(chunk))
      // What was written before the other file came has been read.
      else if (replaced) break
      else if (!(replaced = (await this.#successor(file)) !== undefined)) await this.#wait()
      if (await this.#wasCut(file, position)) {
        this.#context.log(`${file.path} was cut; reading it from its beginning`)
        splitter = new LineSplitter(this.#options)
        position = 0
      }
    }
    yield this.#batch(file, splitter.end())
  }

  async *#readZipped(file: LogFile, from: FeedPosition | undefined): AsyncGenerator<RecordBatch> {
    for await (const records of readLogFile(file, this.#options, from, this.#signal)) yield this.#batch(file, records)
  }

  /** A file is known by more and more until it has grown to a certain size. */
  async #recognise(file: LogFile): Promise<void> {
    const { bytes = 0, hash = '' } = this.#identity?.head ?? {}
    if (bytes < LogFile.HEAD && (await file.beginsLike({ bytes, hash }))) this.#identity = await file.identity()
  }

  /** Was it emptied, and perhaps written anew? */
  async #wasCut(file: LogFile, position: number): Promise<boolean> {
    const known = this.#identity
    if ((await file.size()) >= position && (known === undefined || (await file.beginsLike(known.head)))) return false
    this.#identity = await file.identity()
    return true
  }

  #batch(file: LogFile, records: readonly TextRecord[]): RecordBatch {
    return { name: file.path, records, ...(this.#identity && { file: this.#identity }) }
  }

  #wait(): Promise<void> {
    return this.#context.clock.sleep((this.#options.poll ?? 0.25) * 1000, this.#signal)
  }
}
