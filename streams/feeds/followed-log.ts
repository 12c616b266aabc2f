import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { ContraflowError } from '../../src/errors.js'
import { codeOf } from '../code-of.js'
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
  /** Is it another one than that in which reading goes on? */
  #anew = false

  constructor(logs: LogSet, options: LogFeedOptions, signal: AbortSignal, context: FeedContext) {
    this.#logs = logs
    this.#options = options
    this.#signal = signal
    this.#context = context
  }

  async *read(): AsyncGenerator<RecordBatch> {
    let { file, from } = await this.#begin()
    while (file !== undefined) {
      try {
        this.#identity = await file.identity()
        this.#anew = from === undefined
        yield* file.zipped ? this.#readWhole(file, from) : this.#tail(file, from)
      } finally {
        await file.close()
      }
      from = undefined
      file = await this.#next(file)
    }
  }

  /** Where reading begins; waits until there is something. */
  async #begin(): Promise<{ file: LogFile | undefined; from: FeedPosition | undefined }> {
    const { from, log } = this.#context
    const known = from?.file
    let said = false
    const say = (line: string) => {
      if (!said) log(line)
      said = true
    }
    for (; !this.#signal.aborted; await this.#wait()) {
      const paths = await this.#list()
      const own = known && (await findFile(paths, known))
      const path = own ?? (known ? this.#logs.after(paths, known.name) : this.#logs.first(paths))
      const file = path === undefined ? undefined : await openIfThere(path)
      if (file === undefined) {
        say(
          known
            ? `${known.name} is gone; waiting for what comes after it`
            : `${this.#options.path} is not there yet, or empty; waiting for it`,
        )
        continue
      }
      if (own === undefined) {
        if (known) log(`${known.name} is gone; going on with ${path} from its beginning`)
        return { file, from: undefined }
      }
      // It may have been renamed between the look and the opening.
      if (await file.beginsLike(known!.head)) return { file, from }
      await file.close()
    }
    return { file: undefined, from: undefined }
  }

  /** The file that was written next; waits until there is one. */
  async #next(file: LogFile): Promise<LogFile | undefined> {
    for (; !this.#signal.aborted; await this.#wait()) {
      const path = await this.#successor(file)
      const next = path === undefined ? undefined : await openIfThere(path)
      if (next === undefined) continue
      // It may have been renamed between the look and the opening.
      const still = await this.#successor(file)
      if (still !== undefined && (await inodeOf(still)) === next.inode) return next
      await next.close()
    }
    return undefined
  }

  /** The file that was written next, if there is one by now. */
  async #successor(file: LogFile): Promise<string | undefined> {
    const paths = await this.#list()
    const newest = paths.at(-1)
    // Most of the time it is the one that is open.
    if (newest === undefined || (await inodeOf(newest)) === file.inode) return undefined
    const own = this.#identity && (await findFile(paths, this.#identity))
    return own === undefined ? this.#logs.after(paths, basename(file.path)) : paths[paths.indexOf(own) + 1]
  }

  /** A directory that is not there, of a log that is rotated or a disk that is mounted again, has no files. */
  async #list(): Promise<string[]> {
    return this.#logs.list().catch(error => {
      if (codeOf((error as ContraflowError).cause) === 'ENOENT') return []
      throw error
    })
  }

  /** A plain file, until another one takes its place. */
  async *#tail(file: LogFile, from: FeedPosition | undefined): AsyncGenerator<RecordBatch> {
    if (this.#options.quoted && startOf(from).offset > 0)
      yield this.#batch(file, await headerOf(file, this.#options, this.#signal))
    let splitter = new LineSplitter({ ...this.#options, start: startOf(from) })
    let position = splitter.offset
    let replaced = false
    while (!this.#signal.aborted) {
      const wasCut = await this.#wasCut(file, position)
      const chunk = wasCut ? Buffer.alloc(0) : await file.readAt(position)
      position += chunk.length
      if (wasCut || (await this.#wasCut(file, position))) {
        const copied = yield* this.#copied(file, { message: splitter.line, values: 0, offset: splitter.offset })
        if (!copied && chunk.length > 0) yield this.#batch(file, splitter.push(chunk))
        this.#context.log(`${file.path} was cut; reading it from its beginning${copied ? `, after ${copied}` : ''}`)
        this.#identity = await file.identity()
        this.#anew = true
        splitter = new LineSplitter(this.#options)
        position = 0
        continue
      }
      await this.#recognise(file)
      if (chunk.length > 0) yield this.#batch(file, splitter.push(chunk))
      // What was written before the other file came has been read.
      else if (replaced) break
      else if (!(replaced = (await this.#successor(file)) !== undefined)) await this.#wait()
    }
    yield this.#batch(file, splitter.end())
  }

  /** A file that nobody writes to any more. */
  async *#readWhole(file: LogFile, from: FeedPosition | undefined): AsyncGenerator<RecordBatch> {
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
    return (await file.size()) < position || (known !== undefined && !(await file.beginsLike(known.head)))
  }

  /** What was written last to a file that was emptied, if it was copied before. @returns The path of the copy. */
  async *#copied(file: LogFile, from: FeedPosition): AsyncGenerator<RecordBatch, string | undefined> {
    let copy = await this.#openCopy(file)
    if (copy === undefined) {
      // It may be getting another name just now.
      await this.#wait()
      copy = await this.#openCopy(file)
    }
    if (copy === undefined) return undefined
    try {
      this.#identity = await copy.identity()
      yield* this.#readWhole(copy, from)
      return copy.path
    } finally {
      await copy.close()
    }
  }

  async #openCopy(file: LogFile): Promise<LogFile | undefined> {
    const others = (await this.#list()).filter(path => path !== file.path)
    const path = this.#identity && (await findFile(others, this.#identity))
    return path === undefined ? undefined : openIfThere(path)
  }

  #batch(file: LogFile, records: readonly TextRecord[]): RecordBatch {
    return { name: file.path, records, ...(this.#identity && { file: this.#identity }), anew: this.#anew }
  }

  #wait(): Promise<void> {
    return this.#context.clock.sleep((this.#options.poll ?? 0.25) * 1000, this.#signal)
  }
}

/** @returns undefined when it has been renamed or removed meanwhile. */
async function openIfThere(path: string): Promise<LogFile | undefined> {
  return LogFile.open(path).catch(error => {
    if (codeOf((error as ContraflowError).cause) === 'ENOENT') return undefined
    throw error
  })
}

async function inodeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.ino
}
