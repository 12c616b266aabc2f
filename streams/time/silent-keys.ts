import type { Observation } from '../../src/observation.js'

/** The keys of which nothing has come for `learn.idle` seconds, as the marks in the stream say. */
export class SilentKeys {
  readonly #keys = new Set<string>()
  readonly #most: number

  /** @param most Keys that are remembered at most. */
  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#keys.size
  }

  has(key: string): boolean {
    return this.#keys.has(key)
  }

  /** @returns Whether it is a mark, and no observation. */
  take({ key, arrival }: Observation): boolean {
    if (arrival !== 'idle') this.#keys.delete(key)
    else if (this.#keys.size < this.#most) this.#keys.add(key)
    return arrival === 'idle'
  }
}
