import type { Clock } from '../../streams/time/clock.js'

/** A clock that stands until the test moves it; whoever sleeps wakes when it is time. */
export class HandClock implements Clock {
  /** Milliseconds. */
  time = 0
  /** Seconds since 1970 at time 0. */
  readonly began: number
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>()

  constructor(began = 1_700_000_000) {
    this.began = began
  }

  now(): number {
    return this.time
  }

  wall(): number {
    return this.began + this.time / 1000
  }

  sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise(resolve => {
      const wake = () => {
        this.#sleepers.delete(sleeper)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      const sleeper = { until: this.time + milliseconds, wake }
      this.#sleepers.add(sleeper)
      signal.addEventListener('abort', wake)
    })
  }

  /** Those who have been woken on the way have had their turn when it resolves, also when they sleep again. */
  async advance(seconds: number): Promise<void> {
    const end = this.time + seconds * 1000
    for (;;) {
      const [next] = [...this.#sleepers].filter(({ until }) => until <= end).sort((a, b) => a.until - b.until)
      if (next === undefined) break
      this.time = next.until
      next.wake()
      await new Promise(resolve => setImmediate(resolve))
    }
    this.time = end
  }
}
