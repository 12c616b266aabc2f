import type { ErrorCode, ErrorDetails } from '../../src/errors.js'
import type { Observation } from '../../src/observation.js'

/** What is said of one refusal, where it is more precise than the table of errors. */
export type RefusalDetails = Pick<ErrorDetails, 'expected' | 'remedy'>

/** Gets an observation that was not learned, and why. */
export type Refuse = (code: ErrorCode, observation: Observation, details?: RefusalDetails) => void
