import type { Observation } from '../../src/observation.js'
import { KeyNumbers } from './key-numbers.js'

/** What an observation has beyond key, t and y. */
type More = Omit<Observation, 'key' | 't' | 'y'>

/** Observations on their way to a thread: numbers in one transferable buffer, the rest as it is. */
export interface ObservationBatch {
  /** For each: its number in the run, the number of its key, t, how many channels, and y. */
  readonly numbers: Float64Array<ArrayBuffer>
  readonly length: number
  /** Keys that come for the first time, in the order of their numbers. */
  readonly keys: readonly string[]
  /** By position, what an observation has beyond key, t and y. */
  readonly more: ReadonlyMap<number, More>
}

/** Numbers of an observation before its values. */
const HEAD = 4

/** Gathers observations until they are sent to one thread. */
export class BatchWriter {
  readonly #keys = new KeyNumbers()
  #numbers = new Float64Array(1024)
  #end = 0
  #length = 0
  #more = new Map<number, More>()

  get length(): number {
    return this.#length
  }

  add(order: number, observation: Observation): void {
    const { key, t, y } = observation
    const start = this.#end
    this.#end = start + HEAD + y.length
    if (this.#end > this.#numbers.length) this.#grow(this.#end)
    const numbers = this.#numbers
    numbers[start] = order
    numbers[start + 1] = this.#keys.of(key)
    numbers[start + 2] = t
    numbers[start + 3] = y.length
    for (let j = 0; j < y.length; j++) numbers[start + HEAD + j] = y[j]!
    if (Object.keys(observation).length > PLAIN) this.#more.set(this.#length, moreOf(observation))
    this.#length++
  }

  /** What was gathered; the writer is empty then. */
  take(): ObservationBatch {
    const numbers = this.#numbers.slice(0, this.#end)
    const batch = { numbers, length: this.#length, keys: this.#keys.takeFresh(), more: this.#more }
    this.#end = 0
    this.#length = 0
    if (this.#more.size > 0) this.#more = new Map()
    return batch
  }

  #grow(least: number): void {
    const larger = new Float64Array(Math.max(least, 2 * this.#numbers.length))
    larger.set(this.#numbers)
    this.#numbers = larger
  }
}

/** Fields of an observation that has only what every one has. */
const PLAIN = 3

function moreOf({ key: _, t: __, y: ___, ...more }: Observation): More {
  return more
}

/** The other end of a `BatchWriter`. */
export class BatchReader {
  readonly #keys: string[] = []

  /** The observations of the next batch, each with its number in the run. */
  read(
    { numbers, length, keys, more }: ObservationBatch,
    take: (order: number, observation: Observation) => void,
  ): void {
    for (const key of keys) this.#keys.push(key)
    for (let i = 0, at = 0; i < length; i++) {
      const end = at + HEAD + numbers[at + 3]!
      const observation = { key: this.#keys[numbers[at + 1]!]!, t: numbers[at + 2]!, y: numbers.slice(at + HEAD, end) }
      const rest = more.size > 0 ? more.get(i) : undefined
      take(numbers[at]!, rest ? { ...observation, ...rest } : observation)
      at = end
    }
  }
}
