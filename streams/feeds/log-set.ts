import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ContraflowError } from '../../src/errors.js'
import type { FileIdentity } from './feed.js'
import { LogFile } from './log-file.js'

/** Files that are one log, in the order in which they were written. */
export interface LogSet {
  /** Paths of the files that are there now. */
  list(): Promise<string[]>
  /** Where a log that nobody has read begins. */
  first(paths: readonly string[]): string | undefined
  /** What comes after a file that is not there any more. */
  after(paths: readonly string[], name: string): string | undefined
}

/** Numbers in names count as numbers: log.9 comes before log.10. */
const NAMES = new Intl.Collator('en', { numeric: true })

/** The files of a directory by their names; hidden ones and directories are none. @param ending What their names end in. */
export function directoryLogs(path: string, ending = ''): LogSet {
  return {
    async list() {
      const entries = await readdir(path, { withFileTypes: true }).catch(error => {
        throw unreadable(error, path)
      })
      const names = entries.filter(entry => entry.isFile() && !entry.name.startsWith('.')).map(({ name }) => name)
      return withoutCopies(names.filter(name => name.endsWith(ending) || name.endsWith(`${ending}.gz`)))
        .sort(NAMES.compare)
        .map(name => join(path, name))
    },
    first: paths => paths[0],
    after: (paths, name) => paths.find(other => NAMES.compare(basename(other), name) > 0),
  }
}

/** A file and what it was called before it was rotated (log.1, log.2.gz, log-20261123), the oldest first. */
export function rotatedLogs(path: string): LogSet {
  return {
    async list() {
      const name = basename(path)
      const names = await readdir(dirname(path)).catch(error => {
        throw unreadable(error, path)
      })
      const older = withoutCopies(
        names.filter(other => other !== name && /^[.-]/.test(other.slice(name.length)) && other.startsWith(name)),
      )
      const aged = await Promise.all(older.map(other => ageOf(join(dirname(path), other))))
      const sorted = aged
        .filter(file => file !== undefined)
        .sort((a, b) => a.time - b.time || NAMES.compare(b.path, a.path))
      return [...sorted.map(file => file.path), ...(names.includes(name) ? [path] : [])]
    },
    first: paths => paths.find(other => other === path),
    after: paths => paths.find(other => other === path),
  }
}

/** A file that is being zipped is there twice. */
function withoutCopies(names: readonly string[]): string[] {
  return names.filter(name => !(name.endsWith('.gz') && names.includes(name.slice(0, -3))))
}

async function ageOf(path: string): Promise<{ path: string; time: number } | undefined> {
  const stats = await stat(path).catch(() => undefined)
  return stats?.isFile() ? { path, time: stats.mtimeMs } : undefined
}

/** Which of these files is the known one: the same name and beginning, or the same file on disk, or the same beginning. */
export async function findFile(paths: readonly string[], known: FileIdentity): Promise<string | undefined> {
  const alike: { path: string; rank: number }[] = []
  for (const path of paths) {
    const log = await LogFile.open(path).catch(() => undefined)
    if (log === undefined) continue
    try {
      if (!(await log.beginsLike(known.head))) continue
      const rank = log.inode === known.inode ? 0 : basename(path) === known.name ? 1 : 2
      // Nothing is known of a file that was empty, but its place on disk.
      if (rank === 0 || known.head.bytes > 0) alike.push({ path, rank })
    } finally {
      await log.close()
    }
  }
  return alike.sort((a, b) => a.rank - b.rank)[0]?.path
}

function unreadable(error: unknown, path: string): ContraflowError {
  return new ContraflowError('FILE_UNREADABLE', { received: (error as Error).message, place: path }, { cause: error })
}
