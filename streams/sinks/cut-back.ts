import { rename, rm, stat, truncate } from 'node:fs/promises'
import { ContraflowError } from '../../src/errors.js'
import { codeOf } from '../files/code-of.js'

/** Where the output of a sink ends, in a way that outlives rotation. */
export type SinkMark = {
  /** Bytes that the sink has written since it first began, over all files. */
  readonly bytes: number
  /** A file that holds some of them, and how many came before its first. */
  readonly file: { readonly inode: number; readonly base: number }
}

interface Found {
  readonly path: string
  readonly size: number
}

/**
 * Takes back what a file, and those it was rotated into, hold behind a mark.
 * @param keep How many older files there may be.
 * @returns Bytes before the first of the file; undefined when it was moved away and a new one is to begin.
 * @throws ContraflowError SINK_FAILED when the file is shorter than it was, or what the file system says.
 */
export async function cutBack(path: string, keep: number, { bytes, file }: SinkMark): Promise<number | undefined> {
  const files = await chain(path, keep)
  const marked = files.findIndex(({ inode }) => inode === file.inode)
  // A file that was copied has another inode; one that was put aside for good is not looked for.
  let index = marked < 0 ? 0 : marked
  let base = file.base
  while (index > 0 && base + files[index]!.size < bytes) base += files[index--]!.size
  const last = files[index]
  if (last === undefined) return undefined
  if (base + last.size < bytes) throw shorter(path, last.size, bytes - base)
  for (const { path: newer } of files.slice(0, index)) await rm(newer)
  await truncate(last.path, bytes - base)
  if (index === 0) return base
  await rename(last.path, path)
  for (let i = index + 1; i < files.length; i++) await rename(files[i]!.path, olderPath(path, i - index))
  return base
}

/** The file and its older ones, the newest first, up to the first that is missing. */
async function chain(path: string, keep: number): Promise<(Found & { readonly inode: number })[]> {
  const files: (Found & { readonly inode: number })[] = []
  for (let i = 0; i <= keep; i++) {
    const place = olderPath(path, i)
    try {
      const { size, ino } = await stat(place)
      files.push({ path: place, size, inode: ino })
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
      // In the middle of a rotation the file itself is missing.
      if (i > 0) break
    }
  }
  return files
}

function olderPath(path: string, age: number): string {
  return age === 0 ? path : `${path}.${age}`
}

function shorter(place: string, size: number, expected: number): ContraflowError {
  return new ContraflowError('SINK_FAILED', {
    received: `a file of ${size} bytes`,
    expected: `at least the ${expected} bytes that it had at the checkpoint`,
    place,
    remedy: 'Put the file back, or move it away to begin a new one.',
  })
}
