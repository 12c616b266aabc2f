import { createHash } from 'node:crypto'

/** What stands for bytes in a comparison, short enough to be shown when it fails. */
export function hashOf(bytes: Uint8Array | string): string {
  return `${bytes.length} bytes, ${createHash('sha256').update(bytes).digest('hex')}`
}
