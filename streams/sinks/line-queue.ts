import type { LineFile } from './line-file.js'
import { WaitingLines } from './waiting-lines.js'

/** Lines on their way into a file, in order, one write at a time. */
export class LineQueue extends WaitingLines {
  readonly #file: LineFile

  constructor(file: LineFile) {
    super()
    this.#file = file
  }

  /** Writes until nothing waits. @throws What the file system says; the lines that are not in the file wait on, in order. */
  async drain(): Promise<void> {
    while (this.first !== undefined) {
      if (this.first.length > this.#file.room && this.#file.begun) await this.#file.rotate()
      const count = this.countThatFit(Math.min(CHUNK, this.#file.room))
      // What is being written cannot be dropped.
      this.fix(count)
      await this.#file.add(this.peek(count))
      this.remove(count)
    }
  }
}

/** Bytes of one write. */
const CHUNK = 64 << 10
