import { createHash } from 'node:crypto'
import { encodeCheckpoint } from '../../src/learn/checkpoint/encode-checkpoint.js'
import type { Saved } from '../../src/saved.js'

/** SHA-256 of every bit of a state, in hexadecimal. */
export function stateHash(state: Saved): string {
  return createHash('sha256')
    .update(encodeCheckpoint({ identity: null, summary: null, state }))
    .digest('hex')
}
