import { stat } from 'node:fs/promises'
import type { SourceConfig } from '../../../src/config/pipeline.js'
import type { FeedPosition } from '../feed.js'
import type { LogFile } from './log-file.js'
import { logsAt, openKnown } from './log-set.js'

/** Is what was read up to a position still what the source begins with? `unknown` where nobody can tell without reading on. */
export type Held = 'yes' | 'no' | 'unknown'

/**
 * Looks whether a source has what was read from it before: of logs, the file that was being read, by its beginning and its length. A file may
 * have been moved or zipped, and files of a directory or of a log that is followed may have been rotated away.
 */
export async function holdsPosition(source: SourceConfig | undefined, position: FeedPosition): Promise<Held> {
  if (source?.kind !== 'log' || position.file === undefined) return 'unknown'
  const { path, follow = false, files } = source
  const directory = (await stat(path).catch(() => undefined))?.isDirectory() ?? false
  const paths =
    directory || follow
      ? await logsAt(path, files)
          .list()
          .catch(() => [])
      : [path]
  const found = await openKnown(paths, position.file)
  if (found !== undefined) return (await reaches(found, position.offset ?? 0)) ? 'yes' : 'no'
  // What is not there is for the feed to say; what was rotated away is gone on behind.
  return directory || follow || !(await isThere(path)) ? 'unknown' : 'no'
}

async function reaches(log: LogFile, offset: number): Promise<boolean> {
  try {
    // How long it is unzipped is known at its end.
    return log.zipped || (await log.size()) >= offset
  } finally {
    await log.close()
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
