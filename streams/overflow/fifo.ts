/** Taken items that may lie in front of those that wait. */
const TAKEN = 1024

/** First in, first out, without moving what waits for each that is taken, and without keeping what was taken. */
export class Fifo<T> {
  #items: T[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  get first(): T | undefined {
    return this.#items[this.#head]
  }

  push(item: T): void {
    this.#items.push(item)
  }

  /** There must be one. */
  shift(): T {
    const item = this.#items[this.#head++]!
    if (this.length === 0) this.clear()
    else if (this.#head > TAKEN && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  clear(): void {
    this.#items = []
    this.#head = 0
  }
}
