import type { FileIdentity } from './feed.js'

/** Why the text of a record cannot be read. */
export type RecordFlaw = 'too-large' | 'not-utf8' | 'cut'

/** One message of a stream of bytes: a line, or of CSV what belongs to a row. */
export interface TextRecord {
  /** Without its line end. Of a record with a flaw, what there is, shortened. */
  readonly text: string
  /** Number of its first line, from 1 on. */
  readonly line: number
  /** Bytes of the stream before it. */
  readonly offset: number
  readonly flaw?: RecordFlaw
  /** Of a record that has no line end: its bytes. There may be more of it later. */
  readonly open?: number
}

/** Records that came in one piece. */
export interface RecordBatch {
  readonly records: readonly TextRecord[]
  /** Names the source in messages: a path, stdin. */
  readonly name: string
  readonly file?: FileIdentity
  /** Not of the file in which the feed goes on, but of one behind it, or of what was written in its place. */
  readonly anew?: boolean
}
