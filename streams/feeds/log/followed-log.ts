import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { ContraflowError } from '../../../src/errors.js'
import { codeOf } from '../../files/code-of.js'
import { LineSplitter } from '../bytes/line-splitter.js'
import type { FeedContext, FeedPosition, FileIdentity } from '../feed.js'
import type { RecordBatch, TextRecord } from '../records.js'
import { LogFile } from './log-file.js'
import type { LogFeedOptions } from './log-options.js'
import { type LogSet, openKnown } from './log-set.js'
import { headerOf, readLogFile, startOf } from './read-log-file.js'

/** How often a file is looked for before it is taken for gone. */
const LOOKS = 3

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
  /** What was read before it; unset once it is known that this one comes next. */
  #before: FileIdentity | undefined

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
        this.#identity = from?.file ? ((await file.knownAs(from.file.head)) ?? from.file) : await file.identity()
        this.#anew = from === undefined
        yield* file.zipped ? this.#readWhole(file, from) : this.#tail(file, from)
      } finally {
        await file.close()
      }
      from = undefined
      this.#before = this.#identity
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
      const own = known && (await this.#find(known))
      if (own) return { file: own.file, from }
      if (this.#signal.aborted) break
      const paths = await this.#list()
      const path = known ? this.#logs.after(paths, known.name) : this.#logs.first(paths)
      const file = path === undefined ? undefined : await openIfThere(path)
      if (file !== undefined) {
        if (known) log(`${known.name} is gone; going on with ${path} from its beginning`)
        return { file, from: undefined }
      }
      say(
        known
          ? `${known.name} is gone; waiting for what comes after it`
          : `${this.#options.path} is not there yet, or empty; waiting for it`,
      )
    }
    return { file: undefined, from: undefined }
  }

  /** The file that was written next; waits until there is one. */
  async #next(file: LogFile): Promise<LogFile | undefined> {
    for (; !this.#signal.aborted; await this.#wait()) {
      const path = await this.#successor(file, this.#identity)
      const next = path === undefined ? undefined : await openIfThere(path)
      if (next === undefined) continue
      // It may have been renamed between the look and the opening.
      if ((await inodeOf(await this.#successor(file, this.#identity))) === next.inode) return next
      await next.close()
    }
    return undefined
  }

  /** The file that was written after one that was read, if there is one by now. */
  async #successor(file: LogFile, known: FileIdentity | undefined): Promise<string | undefined> {
    const newest = (await this.#list()).at(-1)
    // Most of the time it is the one that is open.
    if (newest === undefined || (await inodeOf(newest)) === known?.inode) return undefined
    const own = known && (await this.#find(known))
    if (!own) return this.#logs.after(await this.#list(), basename(file.path))
    await own.file.close()
    const [next, ...later] = own.paths.slice(own.paths.indexOf(own.file.path) + 1)
    return next === undefined || later.length === 0 ? next : this.#original(next, later)
  }

  /** Of a file that is being copied, or was and is still to be emptied, that file and not the copy. */
  async #original(path: string, later: readonly string[]): Promise<string> {
    const file = await openIfThere(path)
    const known = await file?.identity()
    await file?.close()
    const found = known && known.head.bytes > 0 ? await openKnown(later, known) : undefined
    await found?.close()
    return found?.path ?? path
  }

  /**
   * Looks for a file under all names that it may have by now. While it gets another, or is zipped, it seems not to be there: so that is
   * believed when it was looked for several times.
   */
  async #find(
    known: FileIdentity,
    but?: LogFile,
  ): Promise<{ readonly file: LogFile; readonly paths: readonly string[] } | undefined> {
    for (let look = 0; look < LOOKS && !this.#signal.aborted; look++) {
      if (look > 0) await this.#wait()
      const paths = await this.#list()
      const file = await openKnown(but ? paths.filter(path => path !== but.path) : paths, known)
      if (file) return { file, paths }
    }
    return undefined
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
    let [replaced, writtenAt] = [false, 0]
    while (!this.#signal.aborted) {
      const wasCut = await this.#wasCut(file, position)
      const chunk = wasCut ? Buffer.alloc(0) : await file.readAt(position)
      if (position === 0 && !wasCut) {
        if (chunk.length > 0) this.#identity = file.knownBy(chunk)
        const before = writtenAt
        writtenAt = await file.writtenAt()
        if ((chunk.length > 0 || writtenAt !== before) && !(await this.#comesNext(file))) return
      }
      position += chunk.length
      if (wasCut || (await this.#wasCut(file, position))) {
        const copied = yield* this.#copied(file, { message: splitter.line, values: 0, offset: splitter.offset })
        this.#context.log(
          `${file.path} was cut; reading it from its beginning${copied ? `, after ${copied.path}` : ''}`,
        )
        if (copied?.isBefore) return
        if (!copied && chunk.length > 0) yield this.#batch(file, splitter.push(chunk))
        this.#identity = await file.identity()
        this.#before = undefined
        this.#anew = true
        splitter = new LineSplitter(this.#options)
        position = 0
        continue
      }
      await this.#recognise(file)
      if (chunk.length > 0) yield this.#batch(file, splitter.push(chunk))
      // What was written before the other file came has been read.
      else if (replaced) break
      else if (!(replaced = (await this.#successor(file, this.#identity)) !== undefined)) await this.#wait()
    }
    yield this.#batch(file, splitter.end())
  }

  /** A file that nobody writes to any more. */
  async *#readWhole(file: LogFile, from: FeedPosition | undefined): AsyncGenerator<RecordBatch> {
    for await (const records of readLogFile(file, this.#options, from, this.#signal)) yield this.#batch(file, records)
  }

  /** A file is known by more and more until it has grown to a certain size. */
  async #recognise(file: LogFile): Promise<void> {
    const head = this.#identity?.head
    if (head && head.bytes < LogFile.HEAD) this.#identity = (await file.knownAs(head)) ?? this.#identity
  }

  /** Was it emptied, and perhaps written anew? */
  async #wasCut(file: LogFile, position: number): Promise<boolean> {
    const known = this.#identity
    return (await file.size()) < position || (known !== undefined && !(await file.beginsLike(known.head)))
  }

  /**
   * Does a file of which nothing has been read still come after the one before it? It may have been copied and emptied since it was opened;
   * then reading goes on with the copy.
   */
  async #comesNext(file: LogFile): Promise<boolean> {
    const before = this.#before
    if (before === undefined) return true
    const next = await this.#successor(file, before)
    if (next === undefined || (await inodeOf(next)) === file.inode) return true
    this.#identity = before
    return false
  }

  /**
   * What was written last to a file that was emptied, if it was copied before.
   * @returns The path of the copy, and whether it is one of those that were written before the file.
   */
  async *#copied(
    file: LogFile,
    from: FeedPosition,
  ): AsyncGenerator<RecordBatch, { readonly path: string; readonly isBefore: boolean } | undefined> {
    const found = this.#identity && (await this.#find(this.#identity, file))
    if (!found) return undefined
    const { file: copy, paths } = found
    try {
      this.#identity = await copy.identity()
      yield* this.#readWhole(copy, from)
      return { path: copy.path, isBefore: paths.indexOf(copy.path) < paths.indexOf(file.path) }
    } finally {
      await copy.close()
    }
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

async function inodeOf(path: string | undefined): Promise<number | undefined> {
  return path === undefined ? undefined : (await stat(path).catch(() => undefined))?.ino
}
