import type { DeadLetter } from '../../src/dead-letter.js'
import { type ErrorCode, errorMessage, shorten } from '../../src/errors.js'
import type { Observation } from '../../src/observation.js'
import type { RefusalDetails } from './refuse.js'

/** What is said of an observation that is not learned. */
export function deadLetterOfObservation(
  code: ErrorCode,
  { key, t, y, id, revision }: Observation,
  details: RefusalDetails = {},
): DeadLetter {
  const named =
    revision === undefined
      ? ''
      : `${revision === 'correct' ? 'a correction' : 'a retraction'} of ${shorten(JSON.stringify(id))}, `
  const values = revision === 'retract' ? '' : ` with y=${shorten(JSON.stringify(Array.from(y)))}`
  const received = `${named}t=${t}${values}`
  const place = `key ${JSON.stringify(key)}`
  // No error is made for it: under load there are many, and its stack is of no use.
  return { code, place, received, message: errorMessage(code, { received, place, ...details }) }
}
