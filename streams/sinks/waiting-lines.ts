import type { SinkPolicy } from '../../src/names.js'

/** How much may wait, and what gives when more comes. */
export interface LineBound {
  readonly policy: Exclude<SinkPolicy, 'block'>
  readonly bytes: number
}

interface Line {
  readonly bytes: Uint8Array
  /** What a newer line of the same slot makes dispensable. */
  readonly slot: string
}

/** Lines that wait for whoever writes them, in order. Some of them may be fixed: they are not dropped any more. */
export class WaitingLines {
  readonly #lines: Line[] = []
  /** Lines at the beginning that are fixed. */
  #fixed = 0
  /** Bytes that wait. */
  bytes = 0
  /** Bytes of all that was pushed and not dropped. */
  taken = 0
  /** Lines that were dropped. */
  dropped = 0

  get length(): number {
    return this.#lines.length
  }

  /** The line that waits longest. */
  get first(): Uint8Array | undefined {
    return this.#lines[0]?.bytes
  }

  /**
   * @param line As text without its end, or as bytes with it. @param bound What to do when there is no room; without it there
   * always is.
   */
  push(line: string | Uint8Array, slot: string, bound?: LineBound): void {
    const bytes = typeof line === 'string' ? Buffer.from(`${line}\n`) : line
    if (bound && !this.#makeRoom(bytes.length, slot, bound)) {
      this.dropped++
      return
    }
    this.#lines.push({ bytes, slot })
    this.#grow(bytes.length)
  }

  /** From now on the first lines, so many of them, are not dropped; all that wait by default. */
  fix(count: number = this.#lines.length): void {
    this.#fixed = Math.max(this.#fixed, count)
  }

  /** How many lines go into one write: at least one, however long. */
  countThatFit(most: number): number {
    let [count, sum] = [0, 0]
    for (const { bytes } of this.#lines) {
      sum += bytes.length
      if (count > 0 && sum > most) break
      count++
    }
    return count
  }

  /** The first lines, one after the other. */
  peek(count: number): Buffer {
    return Buffer.concat(this.#lines.slice(0, count).map(({ bytes }) => bytes))
  }

  /** They have been written. */
  remove(count: number): void {
    for (const { bytes } of this.#lines.splice(0, count)) this.bytes -= bytes.length
    this.#fixed = Math.max(0, this.#fixed - count)
  }

  /** @returns Whether there is room now. A line that is longer than all that may wait is taken when nothing else waits. */
  #makeRoom(length: number, slot: string, { policy, bytes }: LineBound): boolean {
    while (this.bytes > 0 && this.bytes + length > bytes) {
      if (policy === 'drop-newest' || this.#fixed >= this.#lines.length) return false
      const [gone] = this.#lines.splice(this.#dispensable(policy, slot), 1) as [Line]
      this.#grow(-gone.bytes.length)
      this.dropped++
    }
    return true
  }

  #dispensable(policy: LineBound['policy'], slot: string): number {
    if (policy === 'coalesce')
      for (let i = this.#fixed; i < this.#lines.length; i++) if (this.#lines[i]!.slot === slot) return i
    return this.#fixed
  }

  #grow(length: number): void {
    this.bytes += length
    this.taken += length
  }
}
