import type { TokenScope } from '../../../src/names.js'
import type { Admission } from '../admission/gate.js'
import { type Rate, RateLimit } from '../admission/rate-limit.js'
import type { Farewell } from './farewell.js'
import type { Subscriber } from './subscriber.js'

/** Milliseconds. */
export interface Patience {
  /** Without progress while something waits. */
  readonly stalled: number
  /** Between pings. */
  readonly heartbeat: number
  /** For the first message, which must bring the token. */
  readonly token: number
  /** Between the farewell and the end of the connection. */
  readonly farewell: number
}

/** What a subscriber may send, whatever it consists of: pings and fragments cost time too. */
const BYTES: Rate = { perSecond: 256 << 10, burst: 1 << 20 }

/** A subscriber under observation: is it alive, does it read, does it owe a token? Times are milliseconds that never go back. */
export class Member {
  readonly subscriber: Subscriber
  readonly admission: Admission
  /** The digest of the token it has shown. */
  token: Buffer | undefined
  /** What that token allowed when it was shown. */
  scopes: ReadonlySet<TokenScope> = new Set()
  owesToken: boolean
  readonly #patience: Patience
  readonly #since: number
  readonly #bytes: RateLimit
  #heard = 0
  #progress = 0
  #progressAt: number
  #pingedAt: number
  #answered = true
  #leavingAt: number | undefined

  constructor(subscriber: Subscriber, admission: Admission, patience: Patience, now: number) {
    this.subscriber = subscriber
    this.admission = admission
    this.token = admission.token
    this.owesToken = admission.owesToken
    this.#patience = patience
    this.#since = now
    this.#bytes = new RateLimit(BYTES, now)
    this.#progressAt = now
    this.#pingedAt = now
  }

  /** Something has come from the other end. */
  heard(): void {
    this.#answered = true
  }

  leave(farewell: Farewell, now: number): void {
    if (this.#leavingAt !== undefined) return
    this.#leavingAt = now
    this.subscriber.bid(farewell)
  }

  /**
   * Looks after it; call about once a second.
   * @returns Whether it was sent away for not reading, or ended for not answering.
   */
  check(now: number): boolean {
    if (this.#leavingAt !== undefined) {
      if (now - this.#leavingAt >= this.#patience.farewell) this.subscriber.terminate()
      return false
    }
    const { heard } = this.subscriber
    if (!this.#bytes.take(now, heard - this.#heard)) this.leave('tooMany', now)
    this.#heard = heard
    if (this.owesToken && now - this.#since >= this.#patience.token) this.leave('noToken', now)
    if (this.#isStalled(now)) {
      this.leave('tooSlow', now)
      return true
    }
    return now - this.#pingedAt >= this.#patience.heartbeat && this.#isDead(now)
  }

  #isStalled(now: number): boolean {
    const { behind, progress } = this.subscriber
    if (!behind || progress !== this.#progress) {
      this.#progress = progress
      this.#progressAt = now
    }
    return now - this.#progressAt >= this.#patience.stalled
  }

  /** Pings again when the last ping was answered. */
  #isDead(now: number): boolean {
    this.#pingedAt = now
    if (!this.#answered) this.subscriber.terminate()
    else this.subscriber.ping()
    const dead = !this.#answered
    this.#answered = false
    return dead
  }
}
