import type { ErrorCode } from './errors.js'

/** Something that came in and could not be used: it is put aside, and the stream goes on. */
export interface DeadLetter {
  /** Why, as in src/errors.md. */
  readonly code: ErrorCode
  /** Where it came from: a file and line, an address and a count. */
  readonly place: string
  /** The input, shortened. */
  readonly received: string
  /** What was wrong, what was expected, what to do. */
  readonly message: string
}
