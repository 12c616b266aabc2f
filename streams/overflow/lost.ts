import type { DeadLetter } from '../../src/dead-letter.js'
import type { ErrorCode } from '../../src/errors.js'

/** Values that a queue did not let through, in the place of the stream where they were. */
export interface Lost {
  /** What is said of the first of them. */
  readonly letters: readonly DeadLetter[]
  /** The others, by code: more than could be kept. */
  readonly more: ReadonlyMap<ErrorCode, number>
}
