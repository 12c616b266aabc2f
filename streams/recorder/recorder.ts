import { existsSync, type writeSync } from 'node:fs'
import { copyFile, readdir, rename, unlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { ContraflowError } from '../../src/errors.js'
import { DirectoryLock, type DirectoryLockOptions } from '../checkpoint/directory-lock.js'
import { type Delivery, isDeadLetter } from '../feeds/feed.js'
import { nodeFileSystem } from '../files/file-system.js'
import { makeDirectory } from '../files/make-directory.js'
import { syncDirectory } from '../files/write-durably.js'
import type { Clock } from '../time/clock.js'
import { ChannelNote } from './channel-note.js'
import { GAP_NOTE, GapNote } from './gap-note.js'
import { type RecordedDelivery, toRecordLine } from './record-line.js'
import { SegmentWriter } from './segment-writer.js'
import { leftovers, listSegments, segmentPath } from './segments.js'
import { mendTail, type Tail } from './tail.js'
import { zipSegment } from './zip-segment.js'

/** Where a recording goes, and how safe it is. */
export interface RecorderOptions extends Omit<DirectoryLockOptions, 'restored'> {
  /** Made when it is not there. */
  readonly directory: string
  /** A file that has got this long is closed and zipped. Default 64 MiB. */
  readonly rotate?: number
  /**
   * When records are made to outlive the loss of power: `always` after each, `never`, or every so many seconds (default 1). They
   * outlive the end of the process in any case.
   */
  readonly fsync?: 'always' | 'never' | number
  /** Names the files. */
  readonly clock: Clock
  /** One line for the operator. */
  readonly log: (line: string) => void
  /** Names of the channels of what is recorded, as far as they are known when they are asked for. Default: the recording says none. */
  readonly channels?: () => readonly string[] | undefined
  /** May there be records of other channels in it, which nobody reads any more? Default false. */
  readonly mixed?: boolean
  /** Zip the files that are full. Default true. */
  readonly zip?: boolean
  /** Default: the file system's. */
  readonly write?: typeof writeSync
}

const ROTATE = 64 << 20

/**
 * Writes everything that comes in before it is used: one line in a plain file, in one call of the system, so that what has been
 * learned is in the recording whatever happens to the process. A file that is long enough is zipped in the background.
 *
 * When another run takes the directory because this one did not answer, nothing is written any more; observations that come are counted as lost.
 *
 * When its directory is removed it is made anew, with the file that is being written, of which nothing is lost.
 *
 * When the disk is full the recording has a gap, of which the numbers of the records tell, and until there are any again a note; learning goes on.
 */
export class Recorder {
  /** Number of the last record. */
  last: number
  /** Observations that could not be recorded. */
  lost = 0
  /** Why the last ones could not; undefined when it records. */
  failure: ContraflowError | undefined
  readonly #options: RecorderOptions
  readonly #lock: DirectoryLock
  #note: GapNote
  #channels: ChannelNote
  #file: SegmentWriter | undefined
  #syncedAt: number
  /** Ends when nothing is being done in the background. */
  #turn: Promise<void> = Promise.resolve()

  private constructor(options: RecorderOptions, lock: DirectoryLock, note: GapNote, { last, channels }: Tail) {
    this.#options = options
    this.#lock = lock
    this.#note = note
    this.#channels = this.#noteChannels(channels)
    this.last = last
    this.#syncedAt = options.clock.now()
  }

  /**
   * Goes on behind what is there, and behind the gap that the last run ended in; of the last file a torn line is cut off.
   * @throws ContraflowError STATE_IN_USE, RECORDING_FAILED, FILE_DAMAGED.
   */
  static async open(options: RecorderOptions): Promise<Recorder> {
    const { directory, log } = options
    let lock: DirectoryLock | undefined
    let note: GapNote | undefined
    let recorder: Recorder | undefined
    const restored = () => {
      if (recorder) recorder.#restore()
    }
    try {
      await makeDirectory(directory)
      lock = await DirectoryLock.take(directory, nodeFileSystem, { ...options, restored })
      for (const path of await leftovers(directory)) await unlink(path)
      const segments = await listSegments(directory)
      const newest = segments.at(-1)
      const { last, channels } = newest ? await mendTail(newest, log) : { last: 0 }
      // The next file would have its name.
      if (newest && last < newest.first) await unlink(segments.pop()!.path)
      note = GapNote.open(directory)
      // It has ended when there is a record behind it.
      if (note.gap !== undefined && note.gap.last < last) note.end()
      const { gap } = note
      if (gap) log(`${directory}: the run before could not record its last ${gap.observations} observations`)
      recorder = new Recorder(options, lock, note, { last: gap?.last ?? last, ...(channels && { channels }) })
      for (const { path, zipped } of segments) if (!zipped) recorder.#zip(path)
      await recorder.#turn
      return recorder
    } catch (error) {
      note?.close()
      await lock?.release().catch(() => {})
      throw error instanceof ContraflowError ? error : failed(error, directory)
    }
  }

  /**
   * Writes a value down. When that cannot be done it is counted and said once.
   * @returns Its number; numbers of values that are lost are not used again. @throws ContraflowError as `refuseOthers`, nothing else.
   */
  record(delivery: Delivery): number {
    this.refuseOthers()
    const n = ++this.last
    try {
      this.#append({ ...delivery, n, at: this.#options.clock.wall() })
      this.#recovered()
    } catch (error) {
      this.#lose(n, !isDeadLetter(delivery.value))
      this.#fail(error as Error)
    }
    return n
  }

  /** @throws ContraflowError RECORDING_MISFIT when there are records of other channels than those that are to be recorded, as far as both are known. */
  refuseOthers(): void {
    if (this.#options.mixed !== true) this.#channels.refuseOthers(this.directory)
  }

  /** Names of the channels of what was recorded before, in their order, as far as the last file says them: what its source names next is in this order. */
  get recorded(): readonly string[] | undefined {
    return this.#options.mixed === true ? undefined : this.#channels.before
  }

  /** Where it records. */
  get directory(): string {
    return this.#options.directory
  }

  /**
   * Moves what is there into a directory of its own beside it, `aside-NUMBER`, which nothing reads or removes, and counts from 1 again. Before anything is
   * recorded. A process that is killed meanwhile leaves all of it, in both places.
   * @returns Where it is; undefined when there is none. @throws ContraflowError RECORDING_FAILED, STATE_IN_USE.
   */
  async setAside(): Promise<string | undefined> {
    const segments = await listSegments(this.directory)
    const { last } = this
    this.last = 0
    if (segments.length === 0 && last === 0) return undefined
    const asides = (await readdir(this.directory)).map(name => Number(ASIDE.exec(name)?.[1] ?? 0))
    const place = join(this.directory, `aside-${String(Math.max(0, ...asides) + 1).padStart(10, '0')}`)
    try {
      await this.#lock.hold()
      await makeDirectory(place)
      if (this.#note.gap) await copyFile(join(this.directory, GAP_NOTE), join(place, GAP_NOTE))
      for (const { path } of segments) await rename(path, join(place, basename(path)))
      await syncDirectory(place, nodeFileSystem)
      await syncDirectory(this.directory, nodeFileSystem)
    } catch (error) {
      throw error instanceof ContraflowError ? error : failed(error, place)
    }
    this.#note.end()
    this.#channels = this.#noteChannels()
    return place
  }

  /** Removes the files in which nothing is behind this number. What cannot be removed now is, the next time. */
  async forget(number: number): Promise<void> {
    await this.#inTurn(async () => {
      await this.#lock.hold()
      const segments = await listSegments(this.directory)
      for (const [i, { path }] of segments.entries())
        if (segments[i + 1] !== undefined && segments[i + 1]!.first <= number + 1) await unlink(path).catch(() => {})
    })
  }

  /** Makes everything recorded outlive the loss of power. @throws ContraflowError STATE_IN_USE, STATE_GONE; what the file system says. */
  async sync(): Promise<void> {
    await this.#lock.renew()
    await this.#sync()
  }

  /** Syncs, closes, zips, and lets go of the directory. */
  async close(): Promise<void> {
    // What was removed is made anew before it is given back.
    await this.#lock.renew().catch(() => {})
    this.#closeFile()
    await this.#turn
    this.#note.close()
    await this.#lock.release()
  }

  #append(record: RecordedDelivery): void {
    this.#lock.holdSync()
    const { rotate = ROTATE, fsync = 1, clock, write } = this.#options
    let line = this.#lineOf(record)
    // Of a directory that was removed the file is all that is left, until it is made anew.
    if (this.#file && this.#file.size > 0 && this.#file.size + line.length > rotate && existsSync(this.directory)) {
      this.#closeFile()
      line = this.#lineOf(record)
    }
    this.#file ??= new SegmentWriter(segmentPath(this.directory, record.n), write)
    this.#file.append(line)
    this.#channels.said()
    if (fsync === 'always') this.#file.syncNow()
    else if (fsync !== 'never' && clock.now() - this.#syncedAt >= fsync * 1000) this.#syncSoon()
  }

  #lineOf(record: RecordedDelivery): Buffer {
    const channels = this.#channels.next
    return Buffer.from(`${toRecordLine(channels ? { ...record, channels } : record)}\n`)
  }

  #noteChannels(before?: readonly string[]): ChannelNote {
    return new ChannelNote(this.#options.channels ?? (() => undefined), before)
  }

  #closeFile(): void {
    const file = this.#file
    if (file === undefined) return
    this.#file = undefined
    this.#channels.begin()
    if (!this.#lock.lost) file.mend()
    // Not while it is being synced.
    this.#inTurn(() => file.sync().finally(() => file.close())).catch(error => this.#fail(error as Error))
    this.#zip(file.path)
  }

  /** The directory is there again, and empty. */
  #restore(): void {
    const { directory, log } = this.#options
    const kept = this.#file ? ', with the records of the file that is being written' : ''
    log(`${directory} was removed while this run used it: it is made anew${kept}`)
    try {
      this.#note = this.#note.anew(directory)
      const close = this.#file?.restore()
      if (close) void this.#inTurn(async () => close())
    } catch (error) {
      this.#fail(error as Error)
      this.#closeFile()
    }
  }

  async #sync(): Promise<void> {
    await this.#inTurn(async () => this.#file?.sync())
  }

  #syncSoon(): void {
    this.#syncedAt = this.#options.clock.now()
    this.#sync().catch(error => this.#fail(error as Error))
  }

  /** What cannot be zipped now stays as it is, and is zipped at the next start. */
  #zip(path: string): void {
    if (this.#options.zip === false) return
    this.#inTurn(async () => {
      await this.#lock.hold()
      await zipSegment(path)
    }).catch(error => this.#options.log(`${path} stays unzipped: ${(error as Error).message}`))
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(task)
    this.#turn = done.catch(() => {})
    return done
  }

  #fail(error: Error): void {
    const first = this.failure === undefined
    this.failure = failed(error, this.#options.directory)
    if (first) this.#options.log(this.failure.message)
  }

  #lose(n: number, isObservation: boolean): void {
    if (isObservation) this.lost++
    if (!this.#lock.lost) this.#note.widen(n, isObservation)
  }

  #recovered(): void {
    this.#note.end()
    if (this.failure)
      this.#options.log(`${this.#options.directory}: recording again; ${this.lost} observations are not in it`)
    this.failure = undefined
  }
}

const ASIDE = /^aside-(\d{10})$/

function failed(error: unknown, place: string): ContraflowError {
  return new ContraflowError('RECORDING_FAILED', { received: (error as Error).message, place }, { cause: error })
}
