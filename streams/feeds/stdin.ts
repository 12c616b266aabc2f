import type { Readable } from 'node:stream'
import type { LineOptions } from './bytes/line-splitter.js'
import { linesOf } from './bytes/lines.js'
import type { Feed, FeedContext } from './feed.js'
import { pumpRecords } from './pump.js'
import type { RecordBatch } from './records.js'

/** How the text on standard input is cut into messages. */
export type StdinFeedOptions = Omit<LineOptions, 'start'>

/**
 * Lines on standard input, taken as fast as they are learned: a full pipe stops the writer. To go on from a position the pipe
 * must hold the same bytes from the beginning.
 */
export function stdinFeed(context: FeedContext, input: Readable = process.stdin, options: StdinFeedOptions = {}): Feed {
  const open = (signal: AbortSignal) => {
    signal.addEventListener('abort', () => input.destroy(), { once: true })
    return readPipe(input, context, options)
  }
  return pumpRecords(open, { speed: 'max' }, context)
}

async function* readPipe(
  input: Readable,
  { from }: FeedContext,
  options: StdinFeedOptions,
): AsyncGenerator<RecordBatch> {
  for await (const records of linesOf(input, options)) {
    // The first one may be a header.
    const wanted = from ? records.filter(({ offset }) => offset === 0 || offset >= from.offset!) : records
    yield { name: 'stdin', records: wanted }
  }
}
