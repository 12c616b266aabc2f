import { ContraflowError } from '../../errors.js'

/** What a part of one's own has thrown, under the name of the part. @param part E.g. "the field of name". */
export function ownPartFailed(part: string, error: unknown): ContraflowError {
  const said = error instanceof Error ? error.message : String(error)
  return new ContraflowError('OWN_PART_FAILED', { received: said, place: part }, { cause: error })
}

/**
 * Runs what calls parts of one's own. Other errors than theirs are thrown.
 * @param failed Says what is to be returned where one of them has thrown; gets a sentence that names it.
 */
export function unlessOwnPartFails<T>(run: () => T, failed: (sentence: string) => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof ContraflowError && error.code === 'OWN_PART_FAILED') return failed(error.message)
    throw error
  }
}
