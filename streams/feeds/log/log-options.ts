import type { LineOptions } from '../bytes/line-splitter.js'

/** Which log, and how fast. */
export interface LogFeedOptions extends Omit<LineOptions, 'start'> {
  /** A file, or a directory of files that are read in the order of their names. */
  readonly path: string
  /** What the names of the files of a directory end in. Default: all files. */
  readonly files?: string
  /** Go on with what is written from now on, also into new files and after a rotation. Default false. */
  readonly follow?: boolean
  /** Seconds between looks at a file that is followed. Default 0.25. */
  readonly poll?: number
  /** Event time against the clock. Default max: as fast as it is learned. */
  readonly speed?: number | 'max'
}
