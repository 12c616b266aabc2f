import type { DenseReader } from './dense-reader.js'
import type { Tape } from './tape.js'

/**
 * z(t) along a range of the steps of a tape. Times outside the range, where rounding has led, are read at its edge: never in a
 * step beyond it, which may lie behind a jump.
 */
export class DensePath {
  readonly #tape: Tape
  readonly #reader: DenseReader
  #low = 0
  #high = 0
  #cursor = 0

  constructor(tape: Tape, reader: DenseReader) {
    this.#tape = tape
    this.#reader = reader
  }

  /** Only the steps low … high are read from now on. */
  confine(low: number, high: number): void {
    this.#low = low
    this.#high = high
    this.#cursor = high
  }

  /** z(t) [d]. Times that move little from call to call are found at once. */
  state(t: number, out: Float64Array): void {
    const forward = this.#tape.step(this.#low).h > 0
    const isBefore = (from: number) => (forward ? t < from : t > from)
    while (this.#cursor > this.#low && isBefore(this.#tape.step(this.#cursor).t)) this.#cursor--
    while (this.#cursor < this.#high && !isBefore(this.#tape.step(this.#cursor + 1).t)) this.#cursor++
    const step = this.#tape.step(this.#cursor)
    this.#reader.state(step, Math.max(0, Math.min(1, (t - step.t) / step.h)), out)
  }
}
