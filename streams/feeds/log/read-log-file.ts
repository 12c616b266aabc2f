import type { LineOptions } from '../bytes/line-splitter.js'
import { linesOf } from '../bytes/lines.js'
import { skipBytes } from '../bytes/skip-bytes.js'
import type { FeedPosition } from '../feed.js'
import type { TextRecord } from '../records.js'
import type { LogFile } from './log-file.js'

/** The records of a log from a position to its end; of CSV the header comes first in any case. */
export async function* readLogFile(
  log: LogFile,
  options: LineOptions,
  from: FeedPosition | undefined,
  signal: AbortSignal,
): AsyncGenerator<TextRecord[]> {
  const start = startOf(from)
  if (options.quoted && start.offset > 0) yield await headerOf(log, options, signal)
  yield* linesOf(skipBytes(log.read(signal), start.offset), { ...options, start })
}

/** Where the reading of a file begins. */
export function startOf(from: FeedPosition | undefined): { offset: number; line: number } {
  return { offset: from?.offset ?? 0, line: from?.message ?? 1 }
}

/** The first record of a file. */
export async function headerOf(log: LogFile, options: LineOptions, signal: AbortSignal): Promise<TextRecord[]> {
  for await (const records of linesOf(log.read(signal), options)) if (records.length > 0) return records.slice(0, 1)
  return []
}
