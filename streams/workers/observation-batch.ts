import type { Observation } from '../../src/observation.js'

/** Observations on their way to a thread: numbers in one transferable buffer, the rest as it is. */
export interface ObservationBatch {
  /** For each: its number in the run, t, how many channels, and y. */
  readonly numbers: Float64Array<ArrayBuffer>
  readonly keys: readonly string[]
  /** By position, what an observation has beyond key, t and y. */
  readonly more: ReadonlyMap<number, Omit<Observation, 'key' | 't' | 'y'>>
}

/** Gathers observations until they are sent. */
export class BatchWriter {
  #numbers = new Float64Array(1024)
  #length = 0
  #keys: string[] = []
  #more = new Map<number, Omit<Observation, 'key' | 't' | 'y'>>()

  get length(): number {
    return this.#keys.length
  }

  add(order: number, { key, t, y, ...more }: Observation): void {
    const end = this.#length + 3 + y.length
    if (end > this.#numbers.length) this.#grow(end)
    this.#numbers[this.#length] = order
    this.#numbers[this.#length + 1] = t
    this.#numbers[this.#length + 2] = y.length
    this.#numbers.set(y, this.#length + 3)
    this.#length = end
    for (const _ in more) {
      this.#more.set(this.#keys.length, more)
      break
    }
    this.#keys.push(key)
  }

  /** What was gathered; the writer is empty then. */
  take(): ObservationBatch {
    const batch = { numbers: this.#numbers.slice(0, this.#length), keys: this.#keys, more: this.#more }
    this.#length = 0
    this.#keys = []
    this.#more = new Map()
    return batch
  }

  #grow(least: number): void {
    const larger = new Float64Array(Math.max(least, 2 * this.#numbers.length))
    larger.set(this.#numbers)
    this.#numbers = larger
  }
}

/** The observations of a batch, each with its number in the run. */
export function* readBatch({ numbers, keys, more }: ObservationBatch): Generator<readonly [number, Observation]> {
  for (let i = 0, at = 0; i < keys.length; i++) {
    const length = numbers[at + 2]!
    const y = numbers.slice(at + 3, at + 3 + length)
    yield [numbers[at]!, { key: keys[i]!, t: numbers[at + 1]!, y, ...more.get(i) }]
    at += 3 + length
  }
}
