/** Gives keys numbers, so that each crosses to another thread as text once only. */
export class KeyNumbers {
  readonly #numbers = new Map<string, number>()
  #fresh: string[] = []

  /** From 0 on, in the order in which keys come first. */
  of(key: string): number {
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const number = this.#numbers.size
    this.#numbers.set(key, number)
    this.#fresh.push(key)
    return number
  }

  /** The keys that have got their number since the last call: the other side adds them to its list. */
  takeFresh(): string[] {
    const fresh = this.#fresh
    if (fresh.length > 0) this.#fresh = []
    return fresh
  }
}
