import type { Readable } from 'node:stream'
import type { Feed, FeedContext } from './feed.js'
import { linesOf } from './lines.js'
import { pumpRecords } from './pump.js'
import type { RecordBatch } from './records.js'
import { skipBytes } from './skip-bytes.js'

/**
 * Lines on standard input, taken as fast as they are learned: a full pipe stops the writer. To go on from a position the pipe
 * must hold the same bytes from the beginning.
 */
export function stdinFeed(context: FeedContext, input: Readable = process.stdin): Feed {
  const open = (signal: AbortSignal) => {
    signal.addEventListener('abort', () => input.destroy(), { once: true })
    return readPipe(input, context)
  }
  return pumpRecords(open, { speed: 'max' }, context)
}

async function* readPipe(input: Readable, { from }: FeedContext): AsyncGenerator<RecordBatch> {
  const start = { offset: from?.offset ?? 0, line: from?.message ?? 1 }
  for await (const records of linesOf(skipBytes(input, start.offset), { start })) yield { name: 'stdin', records }
}
