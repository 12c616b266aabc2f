import type { TokenScope } from '../../../src/names.js'

/** Where tokens are kept; never in the pipeline file or on the command line, which others can read. */
export type TokenSource = (
  | {
      /** Name of an environment variable. */
      readonly env: string
    }
  | {
      /** A file with one token a line. It is read again when it changes; who came with a token that is gone is sent away. */
      readonly file: string
    }
) & {
  /** What its tokens allow. Default everything. */
  readonly scopes?: readonly TokenScope[]
}
