import type { ErrorCode } from '../src/errors.js'
import type { Observation } from '../src/observation.js'

/** Gets an observation that was not learned, and why. */
export type Refuse = (code: ErrorCode, observation: Observation) => void
