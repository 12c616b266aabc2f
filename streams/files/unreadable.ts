import { ContraflowError } from '../../src/errors.js'

/** What the file system has said of a file or a directory that is to be read. */
export function unreadable(error: unknown, place: string): ContraflowError {
  return new ContraflowError('FILE_UNREADABLE', { received: (error as Error).message, place }, { cause: error })
}
