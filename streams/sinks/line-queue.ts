import type { LineFile } from './line-file.js'

/** Lines on their way into a file, in order, one write at a time. */
export class LineQueue {
  readonly #file: LineFile
  readonly #lines: Buffer[] = []
  #bytes = 0

  constructor(file: LineFile) {
    this.#file = file
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** @returns The bytes it takes. */
  push(line: string): number {
    const bytes = Buffer.from(`${line}\n`)
    this.#lines.push(bytes)
    this.#bytes += bytes.length
    return bytes.length
  }

  /** Writes until nothing waits. @throws What the file system says; the lines that are not in the file wait on, in order. */
  async drain(): Promise<void> {
    while (this.#lines.length > 0) {
      if (this.#lines[0]!.length > this.#file.room && this.#file.begun) await this.#file.rotate()
      const count = this.#countThatFit()
      const chunk = Buffer.concat(this.#lines.slice(0, count))
      await this.#file.add(chunk)
      this.#lines.splice(0, count)
      this.#bytes -= chunk.length
    }
  }

  /** How many lines go into one write: at least one, however long. */
  #countThatFit(): number {
    let [count, bytes] = [0, 0]
    for (const { length } of this.#lines) {
      bytes += length
      if (count > 0 && bytes > Math.min(CHUNK, this.#file.room)) break
      count++
    }
    return count
  }
}

/** Bytes of one write. */
const CHUNK = 64 << 10
