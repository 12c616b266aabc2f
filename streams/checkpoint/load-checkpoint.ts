import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ContraflowError } from '../../src/errors.js'
import type { Checkpoint } from '../../src/learn/checkpoint/checkpoint.js'
import { decodeCheckpoint } from '../../src/learn/checkpoint/decode-checkpoint.js'
import { unreadable } from '../files/unreadable.js'
import { checkpointName, checkpointNumbers } from './checkpoint-name.js'

/** A checkpoint from disk, to look at: nothing is locked or changed. */
export interface LoadedCheckpoint {
  /** The file. */
  readonly path: string
  /** Its size. */
  readonly bytes: number
  /** What it holds. */
  readonly checkpoint: Checkpoint
}

/**
 * A checkpoint file, or the newest intact one of a state directory.
 * @throws ContraflowError FILE_UNREADABLE, CHECKPOINT_DAMAGED, CHECKPOINT_VERSION.
 */
export async function loadCheckpoint(path: string): Promise<LoadedCheckpoint> {
  try {
    const candidates = (await stat(path)).isDirectory() ? await inDirectory(path) : [path]
    let failure: unknown
    for (const candidate of candidates) {
      const file = await readFile(candidate)
      try {
        return { path: candidate, bytes: file.length, checkpoint: decodeCheckpoint(file, candidate) }
      } catch (error) {
        failure ??= error
      }
    }
    throw failure ?? new Error('a directory without checkpoints')
  } catch (error) {
    if (error instanceof ContraflowError) throw error
    throw unreadable(error, path)
  }
}

/** The newest first. */
async function inDirectory(path: string): Promise<string[]> {
  const numbers = checkpointNumbers(await readdir(path))
  return numbers.toReversed().map(number => join(path, checkpointName(number)))
}
