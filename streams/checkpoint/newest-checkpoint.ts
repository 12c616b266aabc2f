import { join } from 'node:path'
import { ContraflowError } from '../../src/errors.js'
import type { Checkpoint } from '../../src/learn/checkpoint/checkpoint.js'
import { decodeCheckpoint } from '../../src/learn/checkpoint/decode-checkpoint.js'
import type { FileSystem } from '../files/file-system.js'
import { unreadable } from '../files/unreadable.js'
import { checkpointName } from './checkpoint-name.js'

/** The checkpoint a run goes on from, decoded and checked, and the file it stands in. */
export interface FoundCheckpoint {
  /** The file. */
  readonly path: string
  /** What it holds. */
  readonly checkpoint: Checkpoint
}

/** Which checkpoints of a directory, and who is told of those that are damaged. */
interface Candidates {
  readonly directory: string
  /** Ascending. */
  readonly numbers: readonly number[]
  readonly fs: Pick<FileSystem, 'read'>
  /** Told of every newer one that is not intact. */
  readonly damaged: (error: ContraflowError) => void
}

/**
 * The newest checkpoint that is intact; undefined when there is none at all. Changes nothing.
 * @throws ContraflowError CHECKPOINT_DAMAGED when there are some and none is intact; CHECKPOINT_VERSION and FILE_UNREADABLE
 * when the newest is of a later version or cannot be read now: going back behind it would not help.
 */
export async function newestCheckpoint({
  directory,
  numbers,
  fs,
  damaged,
}: Candidates): Promise<FoundCheckpoint | undefined> {
  let last: ContraflowError | undefined
  for (const number of numbers.toReversed()) {
    const path = join(directory, checkpointName(number))
    try {
      return { path, checkpoint: decodeCheckpoint(await read(path, fs), path) }
    } catch (error) {
      if (!(error instanceof ContraflowError && error.code === 'CHECKPOINT_DAMAGED')) throw error
      damaged(error)
      last = error
    }
  }
  if (last !== undefined) throw last
  return undefined
}

async function read(path: string, fs: Candidates['fs']): Promise<Uint8Array> {
  try {
    return await fs.read(path)
  } catch (error) {
    throw unreadable(error, path)
  }
}
