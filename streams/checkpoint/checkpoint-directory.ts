import { join } from 'node:path'
import { ContraflowError } from '../../src/errors.js'
import { codeOf } from '../files/code-of.js'
import { type FileSystem, nodeFileSystem } from '../files/file-system.js'
import { syncDirectory, UNFINISHED, writeDurably } from '../files/write-durably.js'
import { checkpointName, checkpointNumbers, padded } from './checkpoint-name.js'
import { DirectoryLock, type DirectoryLockOptions } from './directory-lock.js'
import { type FoundCheckpoint, newestCheckpoint } from './newest-checkpoint.js'

/** Where checkpoints are, and how many stay. */
export interface CheckpointDirectoryOptions extends DirectoryLockOptions {
  /** Made when it is not there. */
  readonly directory: string
  /** Checkpoints that are kept; older ones are removed. Default 3. */
  readonly keep?: number
  /** Default that of the machine. */
  readonly fs?: FileSystem
}

/** Checkpoints that stay, where nobody says how many. */
export const KEPT = 3

/** The checkpoints of one run: numbered files in a directory that no other run uses. */
export class CheckpointDirectory {
  /** Where they are. */
  readonly path: string
  readonly #keep: number
  readonly #fs: FileSystem
  readonly #lock: DirectoryLock
  #numbers: number[]
  /** Number of the last one that was put aside, or went with the directory. */
  #last: number

  private constructor(
    options: Required<Pick<CheckpointDirectoryOptions, 'directory' | 'keep' | 'fs'>>,
    lock: DirectoryLock,
    names: readonly string[],
  ) {
    this.path = options.directory
    this.#keep = options.keep
    this.#fs = options.fs
    this.#lock = lock
    this.#numbers = checkpointNumbers(names)
    this.#last = checkpointNumbers(names, SET_ASIDE).at(-1) ?? 0
  }

  /**
   * Makes the directory when it is not there, locks it, and removes what earlier runs have left unfinished.
   * @throws ContraflowError STATE_IN_USE, or CHECKPOINT_FAILED when it cannot be made or read.
   */
  static async open(options: CheckpointDirectoryOptions): Promise<CheckpointDirectory> {
    const { directory, keep = KEPT, fs = nodeFileSystem } = options
    let lock: DirectoryLock | undefined
    let opened: CheckpointDirectory | undefined
    const restored = () => {
      if (opened) opened.#countOn()
      options.restored?.()
    }
    try {
      await fs.makeDirectory(directory)
      lock = await DirectoryLock.take(directory, fs, { ...options, restored })
      const names = await fs.list(directory)
      const unfinished = names.filter(name => name.endsWith(UNFINISHED))
      for (const name of unfinished) await fs.unlink(join(directory, name))
      opened = new CheckpointDirectory({ directory, keep, fs }, lock, names)
      return opened
    } catch (error) {
      await lock?.release().catch(() => {})
      throw failed(error, directory)
    }
  }

  /**
   * The newest checkpoint that is intact; undefined in a directory without any.
   * @param damaged Told of every newer one that is not.
   * @throws ContraflowError CHECKPOINT_DAMAGED when there are some and none is intact; CHECKPOINT_VERSION and FILE_UNREADABLE
   * when the newest is of a later version or cannot be read now: going back behind it would not help.
   */
  async newest(damaged: (error: ContraflowError) => void): Promise<FoundCheckpoint | undefined> {
    return newestCheckpoint({ directory: this.path, numbers: this.#numbers, fs: this.#fs, damaged })
  }

  /**
   * Adds a checkpoint, durably, and then removes those that are too many.
   * @returns Its path. @throws ContraflowError CHECKPOINT_FAILED; what was there before is still there. STATE_IN_USE, and nothing is
   * written, when another run has taken the directory because this one did not answer; STATE_GONE when it was removed and cannot be made anew.
   */
  async write(content: Uint8Array): Promise<string> {
    const number = (this.#numbers.at(-1) ?? this.#last) + 1
    const path = join(this.path, checkpointName(number))
    try {
      await this.#lock.renew()
      await writeDurably(path, content, this.#fs, () => this.#lock.renew())
    } catch (error) {
      throw failed(error, path)
    }
    this.#numbers.push(number)
    await this.#removeOld()
    return path
  }

  /**
   * Moves the checkpoints that are there into a directory of their own beside them, which nothing reads or removes; new ones count on
   * from them. The newest goes last: a run that is killed meanwhile leaves all as it was, or older ones, or none.
   * @returns Where they are; undefined when there are none. @throws ContraflowError CHECKPOINT_FAILED, STATE_IN_USE.
   */
  async setAside(): Promise<string | undefined> {
    const newest = this.#numbers.at(-1)
    if (newest === undefined) return undefined
    const place = join(this.path, `${ASIDE}${padded(newest)}`)
    try {
      await this.#lock.renew()
      await this.#fs.makeDirectory(place)
      for (const number of this.#numbers)
        await this.#fs.rename(join(this.path, checkpointName(number)), join(place, checkpointName(number)))
      await syncDirectory(place, this.#fs)
      await syncDirectory(this.path, this.#fs)
    } catch (error) {
      throw failed(error, place)
    }
    this.#countOn()
    return place
  }

  /**
   * Before anything is written that belongs to these checkpoints.
   * @throws ContraflowError STATE_IN_USE when another run has taken the directory, STATE_GONE when it was removed and cannot be made anew.
   */
  async hold(): Promise<void> {
    await this.#lock.hold()
  }

  /** Looks now whether this run still has the directory; one that was removed is made anew. @throws ContraflowError as `hold`, CHECKPOINT_FAILED. */
  async renew(): Promise<void> {
    await this.#lock.renew().catch(error => {
      throw failed(error, this.path)
    })
  }

  /** Lets go of the directory. */
  async close(): Promise<void> {
    await this.#lock.release()
  }

  /** None is there any more; the next one has another name than all that were. */
  #countOn(): void {
    this.#last = this.#numbers.at(-1) ?? this.#last
    this.#numbers = []
  }

  /** One that cannot be removed now is tried again after the next checkpoint. */
  async #removeOld(): Promise<void> {
    const old = this.#numbers.slice(0, -this.#keep)
    const left: number[] = []
    for (const number of old) {
      const gone = await this.#fs.unlink(join(this.path, checkpointName(number))).then(
        () => true,
        error => codeOf(error) === 'ENOENT',
      )
      if (!gone) left.push(number)
    }
    this.#numbers = [...left, ...this.#numbers.slice(-this.#keep)]
  }
}

const ASIDE = 'aside-'
const SET_ASIDE = /^aside-(\d{10})$/

function failed(error: unknown, place: string): ContraflowError {
  if (error instanceof ContraflowError) return error
  return new ContraflowError('CHECKPOINT_FAILED', { received: (error as Error).message, place }, { cause: error })
}
