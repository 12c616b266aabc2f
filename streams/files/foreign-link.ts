import { lstat } from 'node:fs/promises'

/**
 * Refuses to write where somebody else has put a symbolic link, as may happen in directories that all may write to: it could
 * lead to a file of ours that must not be overwritten. Links of our own and of root are followed.
 * @param own Number of the user that runs this process; undefined where there is no such thing.
 * @throws Error with what was found; nothing for a path that is not there.
 */
export async function refuseForeignLink(path: string, own: number | undefined = process.getuid?.()): Promise<void> {
  const stats = await lstat(path).catch(() => undefined)
  if (own === undefined || !stats?.isSymbolicLink() || stats.uid === own || stats.uid === 0) return
  throw new Error(`a symbolic link that belongs to another user (${stats.uid}) and may lead anywhere`)
}
