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

/** The machine's own clock; its time never goes back. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now() / 1000,
  async sleep(milliseconds, signal) {
    try {
      await delay(milliseconds, undefined, { signal })
    } catch (error) {
      if (!signal.aborted) throw error
    }
  },
}
