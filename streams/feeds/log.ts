import type { Feed, FeedContext } from './feed.js'
import { linesOf } from './lines.js'
import { LogFile } from './log-file.js'
import { pumpRecords } from './pump.js'
import type { RecordBatch } from './records.js'
import { skipBytes } from './skip-bytes.js'

/** Which log, and how fast. */
export interface LogFeedOptions {
  readonly path: string
  /** Event time against the clock. Default max: as fast as it is learned. */
  readonly speed?: number | 'max'
}

/** A recorded log: NDJSON, plain or gzip (told by its first bytes), read as a stream. */
export function logFeed({ path, speed = 'max' }: LogFeedOptions, context: FeedContext): Feed {
  return pumpRecords(signal => readLog(path, signal, context), { speed }, context)
}

async function* readLog(path: string, signal: AbortSignal, { from }: FeedContext): AsyncGenerator<RecordBatch> {
  const log = await LogFile.open(path)
  const start = { offset: from?.offset ?? 0, line: from?.message ?? 1 }
  const identity = await log.identity()
  for await (const records of linesOf(skipBytes(log.read(signal), start.offset), { start }))
    yield { name: path, records, ...(identity && { file: identity }) }
}
