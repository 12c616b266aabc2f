import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { platform } from 'node:process'
import { codeOf } from './code-of.js'

/**
 * Tries whether files can be made in a directory: permissions alone do not say it, of /proc, for one, or to root. On Linux a file without a name
 * is made, where the file system has such; elsewhere one that is empty and gone at once. Throws what the file system says.
 */
export async function tryWriting(directory: string): Promise<void> {
  if (platform === 'linux') {
    try {
      const file = await open(directory, NAMELESS, 0o600)
      await file.close()
      return
    } catch (error) {
      // Has none, or does not know the flag.
      if (!['ENOTSUP', 'EOPNOTSUPP', 'EISDIR', 'EINVAL'].includes(codeOf(error) ?? '')) throw error
    }
  }
  const path = join(directory, `.contraflow-check-${randomUUID()}`)
  const file = await open(path, 'wx', 0o600)
  await file.close()
  await unlink(path)
}

/** O_TMPFILE, which Node has no name for: the directory stays as it is. */
const NAMELESS = 0o20000000 | constants.O_DIRECTORY | constants.O_RDWR
