/** How often something may happen. */
export interface Rate {
  /** In the long run, per second. */
  readonly perSecond: number
  /** At once, after a pause. */
  readonly burst: number
}

/** Forecasts on request for all subscribers together: each takes the learner's thread for milliseconds. */
export const FORECASTS: Rate = { perSecond: 20, burst: 50 }

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

  /** May it happen now? Counts it if so. @param now Milliseconds. */
  take(now: number): boolean {
    const { perSecond, burst } = this.#rate
    this.#left = Math.min(burst, this.#left + ((now - this.#at) / 1000) * perSecond)
    this.#at = now
    if (this.#left < 1) return false
    this.#left--
    return true
  }
}
