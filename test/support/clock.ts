import type { Clock } from '../../streams/time/clock.js'

/** Virtual time: whoever sleeps wakes at once, and the clock has moved on. */
export class VirtualClock implements Clock {
  /** Milliseconds. */
  time = 0
  /** What was asked for, milliseconds. */
  readonly sleeps: number[] = []

  now(): number {
    return this.time
  }

  wall(): number {
    return 1_700_000_000 + this.time / 1000
  }

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    this.sleeps.push(milliseconds)
    if (!signal.aborted) this.time += milliseconds
  }
}

/** A clock on which a sleep ends only when it is aborted; `asleep` resolves when somebody has gone to sleep. */
export class StandingClock implements Clock {
  readonly asleep: Promise<void>
  #fellAsleep: () => void = () => {}

  constructor() {
    this.asleep = new Promise(resolve => {
      this.#fellAsleep = resolve
    })
  }

  now(): number {
    return 0
  }

  wall(): number {
    return 1_700_000_000
  }

  sleep(_milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      signal.addEventListener('abort', () => resolve())
      this.#fellAsleep()
    })
  }
}

/** Virtual time that says when it has been asked for so many sleeps. */
export class CountingClock extends VirtualClock {
  readonly done: Promise<void>
  readonly #limit: number
  #resolve: () => void = () => {}

  constructor(limit: number) {
    super()
    this.#limit = limit
    this.done = new Promise(resolve => {
      this.#resolve = resolve
    })
  }

  override async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    await super.sleep(milliseconds, signal)
    if (this.sleeps.length === this.#limit) this.#resolve()
  }
}
