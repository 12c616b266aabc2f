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
 * Files that are touched for as long as somebody lives, so that those who cannot see his process see that. Once they are gone he has lost
 * what they stood for, and everything that asks is told so.
 */
export class Lease {
  readonly #fs: FileSystem
  readonly #options: LeaseOptions
  readonly #files: string[] = []
  #timer: NodeJS.Timeout | undefined
  #stopped = false
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

  /** Touches the files now. @throws ContraflowError STATE_IN_USE when one is gone; what the file system says, when it fails otherwise. */
  async renew(): Promise<void> {
    if (this.#lost) throw this.#lost
    const at = now()
    try {
      for (const file of this.#files) await this.#fs.touch(file)
    } catch (error) {
      throw this.#reason(error)
    }
    this.#at = at
  }

  /** Returns at once while nobody can have taken it for dead, and looks otherwise. @throws As `renew`. */
  async hold(): Promise<void> {
    if (this.#lost) throw this.#lost
    if (this.#isOld) await this.renew()
  }

  /** As `hold`, for those who cannot wait. */
  holdSync(): void {
    if (this.#lost) throw this.#lost
    if (!this.#isOld) return
    const at = now()
    try {
      for (const file of this.#files) this.#fs.touchSync(file)
    } catch (error) {
      throw this.#reason(error)
    }
    this.#at = at
  }

  /** Why it is lost; undefined while it is not known to be. */
  get lost(): ContraflowError | undefined {
    return this.#lost
  }

  /** No beat follows, and files that go are no loss. */
  stop(): void {
    this.#stopped = true
    clearInterval(this.#timer)
  }

  get #isOld(): boolean {
    return elapsed(this.#at) > this.#options.patience / 2
  }

  /** What a failed touch means. */
  #reason(error: unknown): unknown {
    return codeOf(error) !== 'ENOENT' || this.#stopped ? error : this.#lose()
  }

  #lose(): ContraflowError {
    if (this.#lost) return this.#lost
    const { place, patience, lost } = this.#options
    this.#lost = new ContraflowError('STATE_IN_USE', {
      received: `a directory whose lock is gone: another run has taken it, because this one did not answer for ${patience / 1000} s, or somebody removed it`,
      remedy:
        'Nothing was written since; the other run goes on from the last checkpoint. End it before this one is started again.',
      place,
    })
    clearInterval(this.#timer)
    lost(this.#lost)
    return this.#lost
  }
}

/** Two clocks: one stands still while the machine sleeps, the other one may be set. */
function now(): readonly [number, number] {
  return [performance.now(), Date.now()]
}

/** Milliseconds, at least. */
function elapsed([steady, wall]: readonly [number, number]): number {
  return Math.max(performance.now() - steady, Math.abs(Date.now() - wall))
}
