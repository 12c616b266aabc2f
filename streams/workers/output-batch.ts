import type { ErrorCode } from '../../src/errors.js'
import type { Observation } from '../../src/observation.js'
import type { Outgoing } from '../pipeline/outgoing.js'
import type { RefusalDetails } from '../pipeline/refuse.js'
import { KeyNumbers } from './key-numbers.js'
import { type OutgoingFacts, RemoteOutgoing } from './remote-outgoing.js'

/** An observation that was not learned, and why. */
export interface Refusal {
  readonly code: ErrorCode
  readonly observation: Observation
  readonly details?: RefusalDetails
}

/** What a thread gives back: lines as bytes in one transferable buffer, what is to be known of them as numbers in another. */
export interface OutputBatch {
  /** For each output: the number of its input, the number of its key, what it is, clipped values, and where its line ends. */
  readonly numbers: Float64Array<ArrayBuffer>
  readonly length: number
  /** Lines with their ends, UTF-8. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Keys that come for the first time, in the order of their numbers. */
  readonly keys: readonly string[]
  /** By position. */
  readonly refusals: ReadonlyMap<number, Refusal>
}

/** Numbers of one output. */
const WIDTH = 5
/** In the third number, and on top of that so many of these as channels are stuck. */
const [FORECAST, SKIPPED, ROLLED_BACK, FROZEN, STUCK] = [1, 2, 4, 8, 16]

/** Gathers what a thread gives back. */
export class OutputWriter {
  readonly #keys = new KeyNumbers()
  #numbers = new Float64Array(1024)
  #length = 0
  #bytes = Buffer.allocUnsafeSlow(1 << 16)
  #end = 0
  #refusals = new Map<number, Refusal>()

  /** @param order Number of the input that it belongs to. */
  add(order: number, { kind, key, skipped, guard, clipped = 0, stuck = 0, line }: Omit<Outgoing, 'message'>): void {
    this.#write(line)
    const healed = guard === 'frozen' ? FROZEN : guard ? ROLLED_BACK : 0
    const what = (kind === 'forecast' ? FORECAST : 0) + (skipped ? SKIPPED : 0) + healed + STUCK * stuck
    this.#note(order, key, what, clipped)
  }

  refuse(order: number, refusal: Refusal): void {
    this.#refusals.set(this.#length, refusal)
    this.#note(order, refusal.observation.key, 0, 0)
  }

  /** What was gathered; the writer is empty then. */
  take(): OutputBatch {
    const batch = {
      numbers: this.#numbers.slice(0, this.#length * WIDTH),
      length: this.#length,
      bytes: new Uint8Array(this.#bytes.buffer as ArrayBuffer, 0, this.#end).slice(),
      keys: this.#keys.takeFresh(),
      refusals: this.#refusals,
    }
    this.#length = 0
    this.#end = 0
    if (this.#refusals.size > 0) this.#refusals = new Map()
    return batch
  }

  #note(order: number, key: string, kind: number, clipped: number): void {
    const start = this.#length++ * WIDTH
    if (start + WIDTH > this.#numbers.length) this.#numbers = doubled(this.#numbers)
    const numbers = this.#numbers
    numbers[start] = order
    numbers[start + 1] = this.#keys.of(key)
    numbers[start + 2] = kind
    numbers[start + 3] = clipped
    numbers[start + 4] = this.#end
  }

  #write(line: string): void {
    // No UTF-16 unit takes more than three bytes.
    const most = this.#end + 3 * line.length + 1
    if (most > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(most, 2 * this.#bytes.length))
      this.#bytes.copy(larger, 0, 0, this.#end)
      this.#bytes = larger
    }
    this.#end += this.#bytes.write(line, this.#end)
    this.#bytes[this.#end++] = NEWLINE
  }
}

const NEWLINE = 0x0a

function doubled(numbers: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * numbers.length)
  larger.set(numbers)
  return larger
}

/** The other end of an `OutputWriter`. */
export class OutputReader {
  readonly #keys: string[] = []

  /** What the next batch holds, each with the number of its input. */
  read(batch: OutputBatch, take: (order: number, output: Outgoing | Refusal) => void): void {
    const { numbers, length, keys, refusals } = batch
    for (const key of keys) this.#keys.push(key)
    const bytes = Buffer.from(batch.bytes.buffer)
    for (let i = 0, start = 0; i < length; i++) {
      const at = i * WIDTH
      const end = numbers[at + 4]!
      const refusal = refusals.get(i)
      take(numbers[at]!, refusal ?? new RemoteOutgoing(this.#facts(numbers, at), bytes, start, end))
      start = end
    }
  }

  #facts(numbers: Float64Array, at: number): OutgoingFacts {
    const [key, code, clipped] = [this.#keys[numbers[at + 1]!]!, numbers[at + 2]!, numbers[at + 3]!]
    const kind = code & FORECAST ? 'forecast' : 'estimate'
    // Nearly always there is nothing else.
    if (code <= FORECAST && clipped === 0) return { kind, key, skipped: false }
    const guard = code & FROZEN ? 'frozen' : code & ROLLED_BACK ? 'rolled-back' : undefined
    const stuck = Math.floor(code / STUCK)
    return {
      kind,
      key,
      skipped: (code & SKIPPED) !== 0,
      ...(guard && { guard }),
      ...(clipped > 0 && { clipped }),
      ...(stuck > 0 && { stuck }),
    }
  }
}
