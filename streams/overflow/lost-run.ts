import type { DeadLetter } from '../../src/dead-letter.js'
import type { ErrorCode } from '../../src/errors.js'
import { type Delivery, type FeedPosition, isDeadLetter } from '../feeds/feed.js'
import { deadLetterOfObservation } from '../pipeline/dead-letter-of-observation.js'
import type { Lost } from './lost.js'

/** Collects what is lost between two values that are not. Keeps a bounded number of letters, and counts the rest. */
export class LostRun implements Lost {
  readonly letters: DeadLetter[] = []
  readonly more = new Map<ErrorCode, number>()
  /** Where the feed stood with the last of them. */
  #position: FeedPosition | undefined

  /** @param keep Is there room for one more letter? The first one is kept in any case. */
  add({ value, position }: Delivery, keep: boolean): void {
    if (keep || this.letters.length === 0)
      this.letters.push(isDeadLetter(value) ? value : deadLetterOfObservation('OBSERVATION_DROPPED', value))
    else {
      const code = isDeadLetter(value) ? value.code : 'OBSERVATION_DROPPED'
      this.more.set(code, (this.more.get(code) ?? 0) + 1)
    }
    this.#position = position
  }

  /** Takes over what was lost right after it. */
  append(later: LostRun): void {
    this.letters.push(...later.letters)
    for (const [code, count] of later.more) this.more.set(code, (this.more.get(code) ?? 0) + count)
    this.#position = later.#position ?? this.#position
  }

  /** Adds how many there are, by code. */
  count(into: Map<ErrorCode, number>): void {
    for (const { code } of this.letters) into.set(code, (into.get(code) ?? 0) + 1)
    for (const [code, count] of this.more) into.set(code, (into.get(code) ?? 0) + count)
  }

  /** What stands for all of them in the stream. */
  get delivery(): Delivery {
    return { value: this.letters[0]!, position: this.#position!, lost: this }
  }
}
