import { dirname, join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ContraflowError } from '../../src/errors.js'
import { codeOf } from '../files/code-of.js'
import type { FileSystem } from '../files/file-system.js'
import { isRunning, startOf } from './is-running.js'
import { Lease } from './lease.js'
import { LOCK_PLACE } from './lock-place.js'
import { SignsOfLife } from './signs-of-life.js'

/** How a lock is taken and kept. */
export interface DirectoryLockOptions {
  /** One line for the operator, when he has to wait. Default: nobody is told. */
  readonly log?: (line: string) => void
  /** Called once when the lock is gone, because others took this one for dead. Default: who asks is told. */
  readonly lost?: (error: ContraflowError) => void
  /** Called when the directory had been removed and is there again, empty, with the lock. */
  readonly restored?: () => void
  /** Milliseconds between two signs of life. Default 2000. */
  readonly beat?: number
  /** Milliseconds without one after which a lock of another host or container counts for nothing. Default 10000; the same for all. */
  readonly patience?: number
}

/**
 * Holds a state directory for one run, by two empty files whose names say whose they are: `claim.PLACE.PID.START.N`, then
 * `lock.PLACE.PID.START.N`. Of those that start at the same moment exactly one gets it; files of processes that are gone count for
 * nothing and are removed. Whether a process of another place, a host or a container, is gone can only be seen by its signs of life:
 * the times of its files, which it sets again and again. They are watched for `patience`; no two clocks are compared.
 *
 * Who claims and then sees a lock goes away. Who sees none makes his own and looks again: of several locks made at the same
 * moment the lowest name wins, and whoever may still make a lower one is waited for. Two cannot win: the lower of them would have
 * claimed after the other's last look, and so after the other's lock was there to be seen. Who was taken for dead finds his files gone.
 *
 * When the directory itself is gone, somebody has removed it by hand: it is made anew and taken in the same way, while nobody can have taken this one for dead.
 */
export class DirectoryLock {
  readonly #directory: string
  readonly #fs: FileSystem
  readonly #own = `${LOCK_PLACE}.${process.pid}.${startOf(process.pid)}.${++taken}`
  readonly #patience: number
  readonly #lease: Lease
  readonly #signs: SignsOfLife
  readonly #log: (line: string) => void

  private constructor(directory: string, fs: FileSystem, options: DirectoryLockOptions) {
    const { beat = BEAT, patience = PATIENCE, lost = () => {}, log = () => {} } = options
    this.#directory = directory
    this.#fs = fs
    this.#patience = patience
    this.#log = log
    this.#lease = new Lease(fs, { place: directory, beat, patience, lost })
    this.#signs = new SignsOfLife(fs, patience)
  }

  /**
   * Takes it at once, or after `patience` when there is a dead lock of another place.
   * @throws ContraflowError STATE_IN_USE while another process, or another run of this one, holds it.
   */
  static async take(directory: string, fs: FileSystem, options: DirectoryLockOptions = {}): Promise<DirectoryLock> {
    const lock = new DirectoryLock(directory, fs, options)
    try {
      await lock.#acquire()
      await lock.renew() // somebody may have taken the claim for dead meanwhile
      lock.#lease.restoreWith(() => lock.#restore(options.restored))
      return lock
    } catch (error) {
      await lock.release().catch(() => {})
      throw error
    }
  }

  /**
   * Is the directory in use, as far as can be seen at once? Changes nothing; whether a run of another host or container lives takes
   * longer to see, and is not known here.
   * @throws ContraflowError STATE_IN_USE while a process of this place holds it.
   */
  static async refuseInUse(directory: string, fs: Pick<FileSystem, 'list'>): Promise<void> {
    for (const name of await fs.list(directory)) {
      const [, kind, place = LOCK_PLACE, , pid, start] = NAME.exec(name) ?? []
      if (kind === 'lock' && place === LOCK_PLACE && isRunning(Number(pid), start!))
        throw inUse({ place, pid: pid! }, directory)
    }
  }

  /** Gives a sign of life now. @throws ContraflowError STATE_IN_USE when others have taken this one for dead; what the file system says. */
  async renew(): Promise<void> {
    await this.#lease.renew()
  }

  /** Before anything is written: returns at once while nobody can have taken this one for dead, and looks otherwise. @throws As `renew`. */
  async hold(): Promise<void> {
    await this.#lease.hold()
  }

  /** As `hold`, for those who cannot wait. @throws As `renew`. */
  holdSync(): void {
    this.#lease.holdSync()
  }

  /** Why nothing may be written any more; undefined while that is not known. */
  get lost(): ContraflowError | undefined {
    return this.#lease.lost
  }

  /** Lets the next one in. */
  async release(): Promise<void> {
    await this.#lease.stop()
    await this.#removeOwn()
  }

  async #acquire(): Promise<void> {
    await this.#make('claim')
    await this.#wait(({ kind }) => kind === 'lock', Number.POSITIVE_INFINITY)
    await this.#make('lock')
    await this.#wait(({ owner }) => owner < this.#own, STUCK)
  }

  /** The one above has to be there: a lock of its own may be in it, which would not find it gone any more. */
  async #restore(restored: () => void = () => {}): Promise<void> {
    const above = dirname(resolve(this.#directory))
    if (!this.#fs.isThereSync(above)) throw new Error(`${above} is gone, too`)
    await this.#fs.makeDirectory(this.#directory)
    try {
      await this.#acquire()
    } catch (error) {
      await this.#removeOwn().catch(() => {})
      throw error
    }
    restored()
  }

  async #removeOwn(): Promise<void> {
    await this.#remove(`lock.${this.#own}`)
    await this.#remove(`claim.${this.#own}`)
  }

  /**
   * Returns when nobody is in the way any more.
   * @param stuck Milliseconds, beyond the patience, for one that has claimed and does not go on.
   * @throws ContraflowError STATE_IN_USE when somebody holds it.
   */
  async #wait(inTheWay: (other: Claim) => boolean, stuck: number): Promise<void> {
    for (const begin = performance.now(); ; ) {
      const others = (await this.#others()).filter(inTheWay)
      const late = performance.now() - begin > this.#patience + stuck
      const winner = others.find(({ kind, lives }) => kind === 'lock' && lives) ?? (late && others[0])
      if (winner) throw inUse(winner, this.#directory)
      if (others.length === 0) return
      const near = others.some(({ place }) => place === LOCK_PLACE)
      await pause(near ? NEAR : Math.max(NEAR, this.#patience / 40))
    }
  }

  async #make(kind: 'claim' | 'lock'): Promise<void> {
    await this.#lease.make(join(this.#directory, `${kind}.${this.#own}`))
  }

  /** Files of others that run, or may; those of others that do not are removed. */
  async #others(): Promise<Claim[]> {
    const others: Claim[] = []
    for (const name of await this.#fs.list(this.#directory)) {
      const [, kind, place = LOCK_PLACE, run, pid, start] = NAME.exec(name) ?? []
      const owner = `${place}.${run}`
      if (run === undefined || owner === this.#own) continue
      const lives = place === LOCK_PLACE ? isRunning(Number(pid), start!) : await this.#watch(name)
      if (lives === false) await this.#remove(name)
      else others.push({ kind: kind!, owner, place, pid: pid!, lives: lives === true })
    }
    return others
  }

  async #watch(name: string): Promise<boolean | undefined> {
    if (this.#signs.watched === 0)
      this.#log(
        `${this.#directory}: there is a lock of another host or container; waiting up to ${this.#patience / 1000} s for a sign of life of its run`,
      )
    return this.#signs.of(join(this.#directory, name))
  }

  async #remove(name: string): Promise<void> {
    try {
      await this.#fs.unlink(join(this.#directory, name))
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
    }
  }
}

function inUse({ place, pid }: Pick<Claim, 'place' | 'pid'>, directory: string): ContraflowError {
  const who =
    place === LOCK_PLACE ? `process ${pid}` : `a process on another host or in another container (${pid} there)`
  return new ContraflowError('STATE_IN_USE', { received: `a directory that ${who} uses`, place: directory })
}

/** A file of another one: who it is, and whether he holds the directory or is about to. */
interface Claim {
  readonly kind: string
  readonly owner: string
  readonly place: string
  readonly pid: string
  /** Is that known? */
  readonly lives: boolean
}

/** Milliseconds. */
const [BEAT, PATIENCE] = [2000, 10_000]

/** Milliseconds for somebody who is about to hold the directory and does not go on, and between two looks at a process of this place. */
const [STUCK, NEAR] = [5000, 10]

/** Locks that this process has taken so far: each has a name of its own. */
let taken = 0

/** The place came later: without it, it is this one. */
const NAME = /^(claim|lock)\.(?:([0-9a-f]{8})\.)?((\d+)\.(\d*)\.\d+)$/
