import type { Observation } from '../../src/observation.js'

/** When a key is silent, and how many keys are watched. */
export interface SilenceOptions {
  /** Seconds. */
  readonly idle: number
  /** Keys that are watched at the same time; others are waited for without end. Default 10 000. */
  readonly maxKeys?: number
}

/** Looks that fall into the time that a key may be silent: so far off is the time at which it is said to be. */
const LOOKS = 4

/** Knows when each key was last heard of. A pure state machine: times are what it is told, milliseconds that never go back. */
export class Silence {
  readonly #idle: number
  readonly #maxKeys: number
  /** The one that was heard of longest ago comes first. */
  readonly #heard = new Map<string, { readonly t: number; at: number }>()

  constructor({ idle, maxKeys = 10_000 }: SilenceOptions) {
    this.#idle = idle * 1000
    this.#maxKeys = maxKeys
  }

  /** Keys that are watched: those that are silent are not, until they are heard of again. */
  get watched(): number {
    return this.#heard.size
  }

  /** Milliseconds until the next look. */
  get pause(): number {
    return this.#idle / LOOKS
  }

  /** @param t Event time of what came, seconds. */
  hear(key: string, t: number, now: number): void {
    if (!this.#heard.delete(key) && this.#heard.size >= this.#maxKeys) return
    this.#heard.set(key, { t, at: now })
  }

  /** Nothing could be heard until now: the time does not count. */
  excuse(now: number): void {
    for (const one of this.#heard.values()) one.at = now
  }

  /** @returns A mark for every key that has fallen silent since the last look. */
  look(now: number): Observation[] {
    const marks: Observation[] = []
    for (const [key, { t, at }] of this.#heard) {
      if (now - at < this.#idle) break
      marks.push({ key, t, y: new Float64Array(0), arrival: 'idle' })
      this.#heard.delete(key)
    }
    return marks
  }
}
