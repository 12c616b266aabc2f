import type { SourceConfig } from '../../../src/config/pipeline.js'
import type { FeedPosition } from '../feed.js'
import { LogFile } from './log-file.js'

/**
 * Where a source begins that nobody has read, where that has to be remembered: a log that is followed begins with the file that is
 * there now, and is still to begin with it when it has been rotated meanwhile.
 * @returns undefined for other sources, and while there is no such file.
 */
export async function beginPosition(source: SourceConfig | undefined): Promise<FeedPosition | undefined> {
  if (source?.kind !== 'log' || source.follow !== true) return undefined
  const log = await LogFile.open(source.path).catch(() => undefined)
  try {
    const file = await log?.identity()
    return file && { message: 1, values: 0, offset: 0, file }
  } finally {
    await log?.close()
  }
}
