import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { codeOf } from '../files/code-of.js'
import { UNFINISHED } from '../files/write-durably.js'

/** One file of a recording. */
export interface Segment {
  readonly path: string
  /** Number of its first record. */
  readonly first: number
  readonly zipped: boolean
}

const NAME = /^recording-(\d{12})\.ndjson(\.gz)?$/

/** Where the segment is that begins with this record. */
export function segmentPath(directory: string, first: number): string {
  return join(directory, `recording-${String(first).padStart(12, '0')}.ndjson`)
}

/**
 * The files of a recording, oldest first; none where there is no directory. Of a segment that is there plain and zipped the zipped
 * one counts: it was renamed when it was whole.
 */
export async function listSegments(directory: string): Promise<Segment[]> {
  const segments = new Map<number, Segment>()
  for (const name of (await namesIn(directory)).sort()) {
    const segment = segmentAt(join(directory, name))
    if (segment) segments.set(segment.first, segment)
  }
  return [...segments.values()].sort((a, b) => a.first - b.first)
}

/** What a file of a recording is by its name; undefined of other files. */
export function segmentAt(path: string): Segment | undefined {
  const [, first, zip] = NAME.exec(basename(path)) ?? []
  return first === undefined ? undefined : { path, first: Number(first), zipped: zip !== undefined }
}

/** Files that were left half done, or that a zipped one has replaced. */
export async function leftovers(directory: string): Promise<string[]> {
  const names = new Set(await namesIn(directory))
  const done = [...names].filter(name => NAME.test(name) && names.has(`${name}.gz`))
  const unfinished = [...names].filter(name => name.startsWith('recording-') && name.endsWith(UNFINISHED))
  return [...done, ...unfinished].map(name => join(directory, name))
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return []
    throw error
  }
}
