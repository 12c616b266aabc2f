import type { DeadLetter } from '../dead-letter.js'
import { ContraflowError, type ErrorCode } from '../errors.js'

/** Dead letters of one code that are shown; all of them are counted. */
const SHOWN = 5

interface Kind {
  count: number
  /** What was said of the first one. */
  readonly example: string
}

/** Tells people of messages that were put aside: the first few of each kind, and in the end why nothing at all could be used. */
export class DeadLetterReport {
  readonly #say: (line: string) => void
  readonly #kinds = new Map<ErrorCode, Kind>()

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  note({ code, message }: Pick<DeadLetter, 'code' | 'message'>): void {
    const kind = this.#kinds.get(code) ?? { count: 0, example: message }
    this.#kinds.set(code, kind)
    const count = ++kind.count
    if (count <= SHOWN) this.#say(message)
    if (count === SHOWN) this.#say(`(more ${code} are counted, not shown)`)
  }

  /** Messages that were put aside. */
  get count(): number {
    return [...this.#kinds.values()].reduce((sum, { count }) => sum + count, 0)
  }

  /** The kinds, the most frequent first: how many, and what was said of the first one. */
  get reasons(): string[] {
    const kinds = [...this.#kinds.values()].sort((a, b) => b.count - a.count)
    return kinds.map(({ count, example }) => `${count} × ${example}`)
  }

  /** NOTHING_USABLE when all messages were put aside. @param place Where they came from. */
  nothingUsable(usable: number, place: string): ContraflowError | undefined {
    if (usable > 0 || this.count === 0) return undefined
    return new ContraflowError('NOTHING_USABLE', {
      received: `${this.count} messages, none of which could be used`,
      place,
      complaints: this.reasons.slice(0, 3),
    })
  }
}
