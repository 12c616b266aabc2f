import type { TextRecord } from '../records.js'
import { type LineOptions, LineSplitter } from './line-splitter.js'

/** The records of a byte stream, a batch a chunk. Holds at most one record. */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  options: LineOptions = {},
): AsyncGenerator<TextRecord[]> {
  const splitter = new LineSplitter(options)
  for await (const chunk of chunks) yield splitter.push(chunk)
  yield splitter.end()
}
