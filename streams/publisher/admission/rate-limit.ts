/** How often something may happen. */
export interface Rate {
  /** In the long run, per second. */
  readonly perSecond: number
  /** At once, after a pause. */
  readonly burst: number
}

/** Points of forecasts on request, for all subscribers together: each takes the learner's thread for a millisecond or more. */
export const FORECAST_POINTS: Rate = { perSecond: 100, burst: 200 }

/** Connections of a publisher, before a byte of them is read; a tenth of a millisecond each. Above what the gate lets in, so that it can say why not. */
export const ACCEPTS: Rate = { perSecond: 1000, burst: 3000 }

/** Connections that begin with a handshake of TLS, which costs a millisecond of the learner's thread. */
export const SECURE_ACCEPTS: Rate = { perSecond: 200, burst: 2600 }

/** A token bucket on a clock that never goes back. */
export class RateLimit {
  readonly #rate: Rate
  #left: number
  #at: number

  /** @param now Milliseconds. */
  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#left = rate.burst
    this.#at = now
  }

  /** May it happen now? Counts it if so. @param now Milliseconds. @param cost Of how many it takes the place. */
  take(now: number, cost = 1): boolean {
    const { perSecond, burst } = this.#rate
    this.#left = Math.min(burst, this.#left + ((now - this.#at) / 1000) * perSecond)
    this.#at = now
    if (this.#left < cost) return false
    this.#left -= cost
    return true
  }
}
