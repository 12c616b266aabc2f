import { type FileHandle, open } from 'node:fs/promises'
import { ContraflowError } from '../../src/errors.js'
import type { Feed, FeedContext } from './feed.js'
import { gunzip } from './gunzip.js'
import { linesOf } from './lines.js'
import { pumpLines } from './pump.js'

/** Which log, and how fast. */
export interface LogFeedOptions {
  readonly path: string
  /** Event time against the clock. Default max: as fast as it is learned. */
  readonly speed?: number | 'max'
}

/** A recorded log: NDJSON, plain or gzip (told by its first bytes), read as a stream. */
export function logFeed({ path, speed = 'max' }: LogFeedOptions, context: FeedContext): Feed {
  return pumpLines(signal => linesOf(readLog(path, signal)), { name: path, speed }, context)
}

async function* readLog(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const handle = await open(path).catch(error => {
    throw unreadable(error, path)
  })
  const zipped = await isGzip(handle)
  // A byte of gzip can become a thousand, and a chunk is unzipped as a whole.
  const file = handle.createReadStream(zipped ? { highWaterMark: 16 * 1024 } : {})
  signal.addEventListener('abort', () => file.destroy(), { once: true })
  try {
    yield* zipped ? gunzip(file) : file
  } catch (error) {
    if (!signal.aborted) throw zipped ? damaged(error, path) : unreadable(error, path)
  } finally {
    file.destroy()
  }
}

/** Looks at the first two bytes of a regular file; a pipe has to be unzipped before it comes here. */
async function isGzip(handle: FileHandle): Promise<boolean> {
  if (!(await handle.stat()).isFile()) return false
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0)
  return bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b
}

function unreadable(error: unknown, path: string): ContraflowError {
  return new ContraflowError('FILE_UNREADABLE', { received: (error as Error).message, place: path }, { cause: error })
}

function damaged(error: unknown, path: string): ContraflowError {
  return new ContraflowError('FILE_DAMAGED', { received: (error as Error).message, place: path }, { cause: error })
}
