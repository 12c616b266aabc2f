import type { DeadLetter } from '../../dead-letter.js'
import { ContraflowError, type ErrorCode, shorten } from '../../errors.js'
import type { FrameOrigin } from './decoder.js'

/** What is wrong with a frame; what is left out is the frame itself, or what the table of errors says. */
interface Flaw {
  readonly received?: string
  /** Inside the frame. */
  readonly place?: string | undefined
  readonly expected?: string
  readonly remedy?: string
}

/** The dead letter of a frame that cannot be used. */
export function deadLetterOf(code: ErrorCode, frame: string, origin: FrameOrigin, flaw: Flaw = {}): DeadLetter {
  const { received = frame, place: inside, expected, remedy } = flaw
  const place = origin.place()
  const { message } = new ContraflowError(code, {
    received,
    place: inside ? `${place}, ${inside}` : place,
    ...(expected !== undefined && { expected }),
    ...(remedy !== undefined && { remedy }),
  })
  return { code, place, received: shorten(frame), message }
}
