import type { Readable } from 'node:stream'
import type { Feed, FeedContext } from './feed.js'
import { linesOf } from './lines.js'
import { pumpLines } from './pump.js'

/** NDJSON on standard input, taken as fast as it is learned: a full pipe stops the writer. */
export function stdinFeed(context: FeedContext, input: Readable = process.stdin): Feed {
  const open = (signal: AbortSignal) => {
    signal.addEventListener('abort', () => input.destroy(), { once: true })
    return linesOf(input)
  }
  return pumpLines(open, { name: 'stdin', speed: 'max' }, context)
}
