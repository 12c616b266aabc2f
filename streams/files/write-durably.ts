import { dirname } from 'node:path'
import type { FileSystem } from './file-system.js'

/** What unfinished files end with; they are never read, and removed at the next start. */
export const UNFINISHED = '.tmp'

/**
 * Makes a file with this content that is there as a whole or not at all, whatever happens in between, the loss of power
 * included: written beside its place, synced, renamed, and the directory synced.
 * @param before Called before the content gets its place; what it throws ends it.
 * @throws What a call of the file system or `before` throws; the place is as it was before, or holds the new content.
 */
export async function writeDurably(
  path: string,
  content: Uint8Array,
  fs: FileSystem,
  before?: () => Promise<void>,
): Promise<void> {
  const unfinished = `${path}${UNFINISHED}`
  try {
    await writeAndSync(unfinished, content, fs)
    await before?.()
    await fs.rename(unfinished, path)
  } catch (error) {
    await fs.unlink(unfinished).catch(() => {})
    throw error
  }
  await syncDirectory(dirname(path), fs)
}

async function writeAndSync(path: string, content: Uint8Array, fs: FileSystem): Promise<void> {
  const file = await fs.open(path, 'wx')
  try {
    for (let rest = content; rest.length > 0; ) {
      const written = await file.write(rest)
      if (!(written > 0)) throw new Error(`nothing could be written to ${path}`)
      rest = rest.subarray(written)
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes names that were given or taken in a directory last. */
export async function syncDirectory(path: string, fs: FileSystem): Promise<void> {
  const directory = await fs.open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
