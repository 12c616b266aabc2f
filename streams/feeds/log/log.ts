import { stat } from 'node:fs/promises'
import { ContraflowError } from '../../../src/errors.js'
import type { Feed, FeedContext, FeedPosition } from '../feed.js'
import { pumpRecords } from '../pump.js'
import type { RecordBatch } from '../records.js'
import { FollowedLog } from './followed-log.js'
import { LogFile } from './log-file.js'
import type { LogFeedOptions } from './log-options.js'
import { directoryLogs, findFile, type LogSet, logsAt } from './log-set.js'
import { readLogFile } from './read-log-file.js'

/**
 * A recorded log, plain or gzip (told by its first bytes), read as a stream: one file, a directory of them, or a file that is
 * still being written, also when it is rotated. Where it goes on from a position, the file is found again by what it begins
 * with, even when it has been renamed or zipped.
 * @remarks Ends in FILE_UNREADABLE, or in FILE_DAMAGED where a gzip is cut or corrupt, after everything before the damage.
 */
export function logFeed(options: LogFeedOptions, context: FeedContext): Feed {
  const { speed = 'max' } = options
  return pumpRecords(signal => readLog(options, signal, context), { speed }, context)
}

async function* readLog(
  options: LogFeedOptions,
  signal: AbortSignal,
  context: FeedContext,
): AsyncGenerator<RecordBatch> {
  const { path, follow = false, files } = options
  if (follow) yield* new FollowedLog(logsAt(path, files), options, signal, context).read()
  else if ((await stat(path).catch(() => undefined))?.isDirectory())
    yield* readAll(directoryLogs(path, files), options, signal, context)
  else yield* readFile(path, options, signal, context.from)
}

async function* readAll(
  logs: LogSet,
  options: LogFeedOptions,
  signal: AbortSignal,
  { from, log }: FeedContext,
): AsyncGenerator<RecordBatch> {
  const paths = await logs.list()
  const { path: directory, files = '' } = options
  if (paths.length === 0)
    throw new ContraflowError('FILE_UNREADABLE', {
      received: files === '' ? 'a directory without files' : `no log whose name ends in "${files}"`,
      place: directory,
    })
  const known = from?.file && (await findFile(paths, from.file))
  if (from?.file && known === undefined) log(`${from.file.name} is gone; going on with the files after it`)
  const start = known ?? (from?.file && logs.after(paths, from.file.name))
  const rest = from?.file ? paths.slice(start === undefined ? paths.length : paths.indexOf(start)) : paths
  for (const path of rest) yield* readFile(path, options, signal, path === known ? from : undefined)
}

/** One file, from a position to its end. */
async function* readFile(
  path: string,
  options: LogFeedOptions,
  signal: AbortSignal,
  from: FeedPosition | undefined,
): AsyncGenerator<RecordBatch> {
  const log = await LogFile.open(path)
  try {
    const file = await log.identity()
    for await (const records of readLogFile(log, options, from, signal))
      yield { name: path, records, ...(file && { file }), anew: from === undefined }
  } finally {
    await log.close()
  }
}
