import { type Pointer, parsePointer, valueAt } from '../../../src/config/mapping/json-pointer.js'

/** Where messages carry their number, and what to do with it. */
export interface ResumeOptions {
  /** JSON Pointer to the number or name of a message. */
  readonly sequence: string
  /** Sent after a reconnect, once a number is known; "{sequence}" stands for the last one. */
  readonly send?: unknown
  /** Query parameter of the address that gets the last number after a reconnect. */
  readonly query?: string
  /** Numbers go up by one: say so when some are missing. Default false. */
  readonly consecutive?: boolean
}

/** Numbers that are remembered: how far a server may go back when it resumes. */
const REMEMBERED = 4096

/** Follows the numbers of messages: the last one, those that came twice, and those that are missing. */
export class SequenceTracker {
  readonly #pointer: Pointer
  readonly #consecutive: boolean
  readonly #recent = new Set<number | string>()
  readonly #gap: (from: number, to: number) => void
  /** Number of the last message that carried one. */
  last: number | string | undefined

  /** @param gap Told the last number before a gap, and the first after it. */
  constructor(
    { sequence, consecutive = false }: ResumeOptions,
    last: number | string | undefined,
    gap: (from: number, to: number) => void,
  ) {
    this.#pointer = parsePointer(sequence) ?? []
    this.#consecutive = consecutive
    this.#gap = gap
    this.last = last
    if (last !== undefined) this.#recent.add(last)
  }

  /** Is it a message that has been here before? Messages without number are new. */
  isRepeated(text: string): boolean {
    const number = this.#numberOf(text)
    if (number === undefined) return false
    if (this.#recent.has(number)) return true
    this.#recent.add(number)
    // A set keeps the order in which things came.
    if (this.#recent.size > REMEMBERED) this.#recent.delete(this.#recent.values().next().value!)
    const { last } = this
    if (this.#consecutive && typeof number === 'number' && typeof last === 'number' && number > last + 1)
      this.#gap(last, number)
    this.last = number
    return false
  }

  #numberOf(text: string): number | string | undefined {
    try {
      const number = valueAt(JSON.parse(text), this.#pointer)
      return typeof number === 'number' || typeof number === 'string' ? number : undefined
    } catch {
      return undefined
    }
  }
}

/** A message in which "{sequence}" has been replaced: by the number itself where it stands alone. */
export function withSequence(message: unknown, sequence: number | string): unknown {
  if (message === '{sequence}') return sequence
  if (typeof message === 'string') return message.replaceAll('{sequence}', String(sequence))
  if (Array.isArray(message)) return message.map(item => withSequence(item, sequence))
  if (typeof message !== 'object' || message === null) return message
  return Object.fromEntries(Object.entries(message).map(([name, item]) => [name, withSequence(item, sequence)]))
}
