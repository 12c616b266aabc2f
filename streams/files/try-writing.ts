import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { platform } from 'node:process'
import { codeOf } from './code-of.js'

/**
 * Tries whether files can be made in a directory: permissions alone do not say it, of /proc, for one, or to root. On Linux a file without a name
 * is made, where the file system has such; elsewhere one that is empty and gone at once.
 * @throws An Error with what the file system says of the directory, and not the name of what was tried, which says nothing to anybody.
 */
export async function tryWriting(directory: string): Promise<void> {
  try {
    if (platform === 'linux' && (await makeNameless(directory))) return
    const path = join(directory, `.contraflow-check-${randomUUID()}`)
    const file = await open(path, 'wx', 0o600)
    await file.close()
    await unlink(path)
  } catch (error) {
    const reason = (error as Error).message.replace(/, \w+ '.*'$/s, '')
    throw new Error(`${reason}: no file can be made in ${directory}`, { cause: error })
  }
}

/** @returns false where the file system has no such files, or does not know the flag. */
async function makeNameless(directory: string): Promise<boolean> {
  try {
    const file = await open(directory, NAMELESS, 0o600)
    await file.close()
    return true
  } catch (error) {
    if (['ENOTSUP', 'EOPNOTSUPP', 'EISDIR', 'EINVAL'].includes(codeOf(error) ?? '')) return false
    throw error
  }
}

/** O_TMPFILE, which Node has no name for: the directory stays as it is. */
const NAMELESS = 0o20000000 | constants.O_DIRECTORY | constants.O_RDWR
