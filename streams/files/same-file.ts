import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'

/** Do two paths lead to one regular file, be it by another name, a link, or one that is not there yet? */
export async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map(path => stat(path).catch(() => undefined)))
  if (a === undefined || b === undefined) return a === b && resolve(one) === resolve(other)
  return a.isFile() && a.dev === b.dev && a.ino === b.ino
}
