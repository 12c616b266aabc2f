import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { unreadable } from '../../files/unreadable.js'
import { systemClock } from '../../time/clock.js'
import type { FileIdentity } from '../feed.js'
import { LogFile } from './log-file.js'
import { inOrderOfRotation, NAMES, nameBeforeRotation, type RotatedFile } from './rotation-order.js'

/** Files that are one log, in the order in which they were written. */
export interface LogSet {
  /** Paths of the files that are there now. */
  list(): Promise<string[]>
  /** Where a log that nobody has read begins. */
  first(paths: readonly string[]): string | undefined
  /** What comes after a file that is not there any more. */
  after(paths: readonly string[], name: string): string | undefined
}

/**
 * The files of a directory by their names; hidden ones and directories are none. A log that is rotated in there (log.2.gz, log.1, log) is
 * read from its oldest file on.
 * @param ending What their names end in. @param wall Seconds since 1970.
 */
export function directoryLogs(path: string, ending = '', wall: () => number = systemClock.wall): LogSet {
  // Between two calls of the system a log that is being rotated is not there.
  const seen = new Set<string>()
  const logOf = (name: string) => {
    const log = nameBeforeRotation(name)
    return log !== undefined && seen.has(log) ? log : undefined
  }
  return {
    async list() {
      const entries = await readdir(path, { withFileTypes: true }).catch(error => {
        throw unreadable(error, path)
      })
      const found = entries.filter(entry => entry.isFile() && !entry.name.startsWith('.')).map(({ name }) => name)
      const names = withoutCopies(found.filter(name => name.endsWith(ending) || name.endsWith(`${ending}.gz`)))
      for (const name of names) seen.add(name)
      const groups = new Map<string, string[]>()
      for (const name of names) {
        const log = logOf(name) ?? name
        groups.set(log, [...(groups.get(log) ?? []), name])
      }
      const sorted: string[] = []
      for (const [log, group] of [...groups].sort(([a], [b]) => NAMES.compare(a, b)))
        sorted.push(...(group.length > 1 ? await rotated(path, log, group, wall()) : group))
      return sorted.map(name => join(path, name))
    },
    first: paths => paths[0],
    // One that is gone may be there again, with something else in it; what was rotated may be older or newer.
    after: (paths, name) =>
      paths.find(other => logOf(basename(other)) === undefined && NAMES.compare(basename(other), name) >= 0),
  }
}

/** A file and what it was called before it was rotated (log.1, log.2.gz, log-20261123), the oldest first. @param wall Seconds since 1970. */
export function rotatedLogs(path: string, wall: () => number = systemClock.wall): LogSet {
  return {
    async list() {
      const log = basename(path)
      const names = await readdir(dirname(path)).catch(error => {
        throw unreadable(error, path)
      })
      const parts = names.filter(name => name.startsWith(log) && /^([.-]|$)/.test(name.slice(log.length)))
      const sorted = await rotated(dirname(path), log, withoutCopies(parts), wall())
      return sorted.map(name => join(dirname(path), name))
    },
    first: paths => paths.find(other => other === path),
    after: paths => paths.find(other => other === path),
  }
}

/** What stands at a path, now or once there is something: a log that may be rotated, or a directory of logs. */
export function logsAt(path: string, ending?: string): LogSet {
  const directory = directoryLogs(path, ending)
  let logs = rotatedLogs(path)
  return {
    async list() {
      if ((await stat(path).catch(() => undefined))?.isDirectory()) logs = directory
      return logs.list()
    },
    first: paths => logs.first(paths),
    after: (paths, name) => logs.after(paths, name),
  }
}

/** The parts of a log, the oldest first, and the log itself. */
async function rotated(directory: string, log: string, names: readonly string[], now: number): Promise<string[]> {
  const older = names.filter(name => name !== log && !UNREADABLE.test(name))
  const aged = await Promise.all(older.map(name => ageOf(directory, name)))
  const sorted = inOrderOfRotation(
    log,
    aged.filter(file => file !== undefined),
    now,
  )
  return [...sorted.map(({ name }) => name), ...(names.includes(log) ? [log] : [])]
}

/** Compressed in a way that nobody unzips here. */
const UNREADABLE = /\.(xz|zst|bz2|lz4|zip)$/

/** A file that is being zipped is there twice. */
function withoutCopies(names: readonly string[]): string[] {
  return names.filter(name => !(name.endsWith('.gz') && names.includes(name.slice(0, -3))))
}

async function ageOf(directory: string, name: string): Promise<RotatedFile | undefined> {
  const stats = await stat(join(directory, name)).catch(() => undefined)
  return stats?.isFile() ? { name, time: stats.mtimeMs / 1000 } : undefined
}

/** Which of these files is the known one: the same file on disk, or the same name, with the same beginning, or the same beginning. */
export async function findFile(paths: readonly string[], known: FileIdentity): Promise<string | undefined> {
  const found = await openKnown(paths, known)
  await found?.close()
  return found?.path
}

/** Opens the known one of these files: names may change while they are looked through. */
export async function openKnown(paths: readonly string[], known: FileIdentity): Promise<LogFile | undefined> {
  let best: { readonly file: LogFile; readonly rank: number } | undefined
  for (const path of paths) {
    const file = await LogFile.open(path).catch(() => undefined)
    if (file === undefined) continue
    const rank = file.inode === known.inode ? 0 : basename(path) === known.name ? 1 : 2
    // Nothing is known of a file that was empty, but its place on disk.
    const alike = (await file.beginsLike(known.head)) && (rank === 0 || known.head.bytes > 0)
    if (!alike || (best && best.rank <= rank)) {
      await file.close()
      continue
    }
    await best?.file.close()
    best = { file, rank }
  }
  return best?.file
}
