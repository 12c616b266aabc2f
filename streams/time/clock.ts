import { setTimeout as delay } from 'node:timers/promises'

/** Time as feeds and sinks see it; tests bring their own. */
export interface Clock {
  /** Milliseconds that never go back. */
  now(): number
  /** Seconds since 1970, as the machine believes; may jump. For arrival times, never for waiting. */
  wall(): number
  /** Resolves after so many milliseconds, at once when the signal is or gets aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
}

/** Milliseconds, some 24 days: timers that are to wait longer end at once. */
export const LONGEST_TIMER = 2 ** 31 - 1

/** The machine's own clock; its time never goes back. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now() / 1000,
  async sleep(milliseconds, signal) {
    try {
      for (let left = milliseconds; ; left -= LONGEST_TIMER) {
        await delay(Math.min(left, LONGEST_TIMER), undefined, { signal })
        if (left <= LONGEST_TIMER) return
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  },
}
