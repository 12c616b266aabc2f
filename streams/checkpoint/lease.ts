import { setTimeout as pause } from 'node:timers/promises'
import { ContraflowError } from '../../src/errors.js'
import { codeOf } from '../files/code-of.js'
import type { FileSystem } from '../files/file-system.js'

/** How a lease is kept. */
export interface LeaseOptions {
  /** What it is about, for messages. */
  readonly place: string
  /** Milliseconds between two beats. */
  readonly beat: number
  /** Milliseconds without a beat after which others take it for dead. */
  readonly patience: number
  /** Called once, when its files are gone. */
  readonly lost: (error: ContraflowError) => void
}

/**
 * Makes files anew whose directory is gone. @throws ContraflowError when others have taken their place; what the file system says, when it cannot
 * be done now.
 */
export type Restore = () => Promise<void>

/**
 * Files that are touched for as long as somebody lives, so that those who cannot see his process see that. Once they are gone he has lost
 * what they stood for, and everything that asks is told so. When the whole directory is gone, nobody took them: they are made anew, as long as nobody
 * can have taken him for dead.
 */
export class Lease {
  readonly #fs: FileSystem
  readonly #options: LeaseOptions
  readonly #files: string[] = []
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  #restore: Restore | undefined
  /** While the directory was found gone and is not there again: what makes it, and why that has failed. */
  #restoring: Promise<void> | undefined
  #gone: { reason?: unknown } | undefined
  #lost: ContraflowError | undefined
  /** When the last beat began that reached the files: nobody takes them for dead for `patience` from then on. */
  #at = now()

  constructor(fs: FileSystem, options: LeaseOptions) {
    this.#fs = fs
    this.#options = options
  }

  /** Makes a file that belongs to it. Beats from the first one on. @throws What the file system says. */
  async make(path: string): Promise<void> {
    await (await this.#fs.open(path, 'wx')).close()
    this.#files.unshift(path)
    if (this.#stopped || this.#timer !== undefined) return
    this.#timer = setInterval(() => void this.renew().catch(() => {}), this.#options.beat)
    this.#timer.unref()
  }

  /** From now on files are made anew when their directory is gone. */
  restoreWith(restore: Restore): void {
    this.#restore = restore
  }

  /**
   * Touches the files now, or makes them anew when their directory is gone.
   * @throws ContraflowError STATE_IN_USE when one is gone, STATE_GONE when the directory is and cannot be made anew; what the file system says, when
   * it fails otherwise.
   */
  async renew(): Promise<void> {
    if (this.#lost) throw this.#lost
    if (this.#stopped) return
    const at = now()
    if (this.#gone || !(await this.#touch())) await this.#bringBack()
    this.#at = at
  }

  /** Returns at once while nobody can have taken it for dead, and looks otherwise. @throws As `renew`. */
  async hold(): Promise<void> {
    if (this.#lost) throw this.#lost
    if (this.#isOld) await this.renew()
  }

  /** As `hold`, for those who cannot wait: a directory that is gone is made anew at the next beat. */
  holdSync(): void {
    if (this.#lost) throw this.#lost
    if (!this.#isOld) return
    const at = now()
    try {
      if (!this.#gone) for (const file of this.#files) this.#fs.touchSync(file)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || this.#stopped) throw error
      if (this.#fs.isThereSync(this.#options.place)) throw this.#lose(this.#taken())
      this.#gone = {}
    }
    if (!this.#gone) this.#at = at
    else if (!this.#mayBringBack) throw this.#lose(this.#removed())
  }

  /** Why it is lost; undefined while it is not known to be. */
  get lost(): ContraflowError | undefined {
    return this.#lost
  }

  /** No beat follows, and files that go are no loss. Resolves when no more are being made. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await this.#restoring?.catch(() => {})
  }

  get #isOld(): boolean {
    return elapsed(this.#at) > this.#options.patience / 2
  }

  /** Others take it for dead when it is older than that. */
  get #mayBringBack(): boolean {
    return this.#restore !== undefined && elapsed(this.#at) < this.#options.patience
  }

  /** @returns false when the whole directory is gone. */
  async #touch(): Promise<boolean> {
    try {
      for (const file of this.#files) await this.#fs.touch(file)
      return true
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || this.#stopped) throw error
      if (await this.#isThere()) throw this.#lose(this.#taken())
      return false
    }
  }

  /** Who removes a directory removes what is in it first. */
  async #isThere(): Promise<boolean> {
    const { place } = this.#options
    if (!this.#fs.isThereSync(place)) return false
    await pause(REMOVAL)
    return this.#fs.isThereSync(place)
  }

  /** Several ask while it is being done. */
  #bringBack(): Promise<void> {
    this.#gone ??= {}
    this.#restoring ??= this.#makeAnew(this.#gone).finally(() => {
      this.#restoring = undefined
    })
    return this.#restoring
  }

  async #makeAnew(gone: { reason?: unknown }): Promise<void> {
    if (!this.#mayBringBack) throw this.#lose(this.#removed())
    this.#files.length = 0
    try {
      await this.#restore!()
      this.#gone = undefined
    } catch (error) {
      gone.reason = error
      throw error instanceof ContraflowError ? this.#lose(error) : error
    }
  }

  #taken(): ContraflowError {
    const { place, patience } = this.#options
    return new ContraflowError('STATE_IN_USE', {
      received: `a directory whose lock is gone: another run has taken it, because this one did not answer for ${patience / 1000} s, or somebody removed it`,
      remedy:
        'Nothing was written since; the other run goes on from the last checkpoint. End it before this one is started again.',
      place,
    })
  }

  #removed(): ContraflowError {
    const { reason } = this.#gone ?? {}
    const why = reason === undefined ? '' : `, and cannot be made anew: ${(reason as Error).message}`
    const { place } = this.#options
    return new ContraflowError('STATE_GONE', { received: `a directory that was removed${why}`, place })
  }

  #lose(error: ContraflowError): ContraflowError {
    if (this.#lost) return this.#lost
    this.#lost = error
    clearInterval(this.#timer)
    this.#options.lost(error)
    return error
  }
}

/** Milliseconds from the first file that goes with a directory to the directory itself. */
const REMOVAL = 100

/** Two clocks: one stands still while the machine sleeps, the other one may be set. */
function now(): readonly [number, number] {
  return [performance.now(), Date.now()]
}

/** Milliseconds, at least. */
function elapsed([steady, wall]: readonly [number, number]): number {
  return Math.max(performance.now() - steady, Math.abs(Date.now() - wall))
}
