import { createReadStream, createWriteStream } from 'node:fs'
import { open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { nodeFileSystem } from '../files/file-system.js'
import { syncDirectory, UNFINISHED } from '../files/write-durably.js'

/** Zips a file that is complete; the plain one goes when the zipped one is safe. @throws What the file system says. */
export async function zipSegment(path: string): Promise<void> {
  const zipped = `${path}.gz`
  const unfinished = `${zipped}${UNFINISHED}`
  try {
    await pipeline(createReadStream(path), createGzip(), createWriteStream(unfinished, { mode: 0o600 }))
    const file = await open(unfinished, 'r+')
    await file.sync().finally(() => file.close())
    await rename(unfinished, zipped)
  } catch (error) {
    await unlink(unfinished).catch(() => {})
    throw error
  }
  await syncDirectory(dirname(path), nodeFileSystem)
  await unlink(path)
}
