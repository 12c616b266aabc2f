import type { ErrorCode } from '../../src/errors.js'
import { Load } from '../load/load.js'
import type { Clock } from '../time/clock.js'
import { type HealthReason, type HealthReport, healthReport, type StuckChannels } from './health.js'
import { type RejectOptions, RejectWatch } from './reject-watch.js'

/** What a watch looks at, and whom it tells. */
export interface HealthWatchOptions {
  readonly clock: Clock
  /** One line for the operator, when health has changed. */
  readonly log: (line: string) => void
  readonly rejects: RejectOptions | undefined
  /** Keys that learn no more. */
  readonly frozen: () => number
  /** Channels that do not move any more. */
  readonly stuck: () => StuckChannels
  /** Why something could not be written. */
  readonly failures: () => readonly HealthReason[]
}

/** Milliseconds between looks, and between lines for the operator. */
const [LOOK, SAY] = [1000, 10_000]

/** Knows how a pipeline is, and says so when that changes: at once, but not more often than every ten seconds. */
export class HealthWatch {
  readonly load = new Load()
  readonly #options: HealthWatchOptions
  readonly #rejects: RejectWatch
  #lookedAt = Number.NEGATIVE_INFINITY
  #saidAt = Number.NEGATIVE_INFINITY
  /** Codes of the reasons that were said last. */
  #said = ''

  constructor(options: HealthWatchOptions) {
    this.#options = options
    this.#rejects = new RejectWatch(options.rejects)
  }

  /** A message has come in. */
  received(): void {
    const now = this.#options.clock.now()
    this.#rejects.received(now)
    if (now - this.#lookedAt < LOOK) return
    this.#lookedAt = now
    this.#say(now)
  }

  /** It cannot be used. */
  rejected(code: ErrorCode): void {
    const now = this.#options.clock.now()
    this.#rejects.rejected(code, now)
    // Perhaps nothing comes after it.
    if (this.#said === '' && this.#rejects.alarmed(now)) this.#say(now)
  }

  get report(): HealthReport {
    const { clock, frozen, stuck, failures } = this.#options
    const now = clock.now()
    return healthReport({
      rejects: this.#rejects.alarmed(now) ? this.#rejects.report(now) : undefined,
      load: this.load.stage,
      frozen: frozen(),
      stuck: stuck(),
      failures: failures(),
    })
  }

  #say(now: number): void {
    const { status, reasons } = this.report
    const codes = reasons.map(({ code }) => code).join()
    if (codes === this.#said || now - this.#saidAt < SAY) return
    this.#said = codes
    this.#saidAt = now
    if (status === 'ok') this.#options.log('well again')
    else for (const { sentence } of reasons) this.#options.log(`degraded: ${sentence}`)
  }
}
