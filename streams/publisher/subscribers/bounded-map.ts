/** A map that forgets the entry that was set first when it is full; setting a known name keeps its place. */
export class BoundedMap<V> {
  readonly #entries = new Map<string, V>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#entries.size
  }

  /** @returns Whether a value was replaced or forgotten for this one. */
  set(name: string, value: V): boolean {
    const known = this.#entries.has(name)
    this.#entries.set(name, value)
    if (known || this.#entries.size <= this.#limit) return known
    for (const [oldest] of this.#entries) {
      this.#entries.delete(oldest)
      break
    }
    return true
  }

  /** Like `set`, but as the newest: what has not been renewed for longest is forgotten first. */
  renew(name: string, value: V): void {
    this.#entries.delete(name)
    this.set(name, value)
  }

  values(): IterableIterator<V> {
    return this.#entries.values()
  }

  /** Takes out the value that was set first. */
  shift(): V | undefined {
    for (const [name, value] of this.#entries) {
      this.#entries.delete(name)
      return value
    }
    return undefined
  }

  clear(): void {
    this.#entries.clear()
  }
}
