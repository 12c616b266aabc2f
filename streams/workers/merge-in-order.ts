import { Fifo } from '../overflow/fifo.js'

/**
 * Puts what several workers give back into the order of what they were given. Each input has a number; what a worker gives
 * belongs to the input that it had last. An output waits until every worker that had an earlier input has answered.
 */
export class MergeInOrder<T> {
  /** Whose each input is that is not done, oldest first. */
  readonly #owners = new Fifo<number>()
  /** Number of the oldest input that is not done. */
  #next = 0
  /** Per worker, what has come and waits, and the input up to which it has answered. */
  readonly #waiting: readonly Fifo<{ readonly order: number; readonly output: T }>[]
  readonly #done: number[]
  readonly #emit: (output: T) => void

  constructor(workers: number, emit: (output: T) => void) {
    this.#waiting = Array.from({ length: workers }, () => new Fifo())
    this.#done = new Array<number>(workers).fill(-1)
    this.#emit = emit
  }

  /** Inputs that have been given out and whose outputs have not been passed on. */
  get pending(): number {
    return this.#owners.length
  }

  /** @returns The number of the next input, which goes to this worker. */
  give(worker: number): number {
    this.#owners.push(worker)
    return this.#next + this.#owners.length - 1
  }

  /** An output of an input that this worker was given; passed on by `answer`. */
  hold(worker: number, order: number, output: T): void {
    this.#waiting[worker]!.push({ order, output })
  }

  /** The worker has done its inputs up to this number: passes on what waits for nothing any more. */
  answer(worker: number, upTo: number): void {
    this.#done[worker] = Math.max(this.#done[worker]!, upTo)
    for (; this.#owners.length > 0; this.#owners.shift(), this.#next++) {
      const owner = this.#owners.first!
      if (this.#done[owner]! < this.#next) return
      const waiting = this.#waiting[owner]!
      while (waiting.first && waiting.first.order <= this.#next) this.#emit(waiting.shift().output)
    }
  }
}
