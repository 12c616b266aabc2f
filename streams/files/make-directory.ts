import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { codeOf } from './code-of.js'
import { refuseForeignLink } from './foreign-link.js'

/**
 * Makes a directory and those above it that are missing, for their owner only; one that is there stays as it is. Node's own
 * recursive mkdir tries for ever where a parent is there and refuses new names with ENOENT, as /proc does.
 * @throws What the file system says: ENOENT where no directory can be made, EEXIST or ENOTDIR where something else has the name; an Error
 * where another user has put a link.
 */
export async function makeDirectory(path: string): Promise<void> {
  await refuseForeignLink(path)
  await make(resolve(path), true)
}

/** @param climb May the one above be what is missing? */
async function make(path: string, climb: boolean): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    const code = codeOf(error)
    const parent = dirname(path)
    if (code === 'ENOENT' && climb && parent !== path) {
      await make(parent, true)
      return make(path, false)
    }
    // Some systems say EPERM or EROFS of a directory that is there.
    const there = await stat(path).catch(() => undefined)
    if (!there?.isDirectory()) throw error
  }
}
