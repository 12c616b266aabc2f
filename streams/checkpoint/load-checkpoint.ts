import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ContraflowError } from '../../src/errors.js'
import type { Checkpoint } from '../../src/learn/checkpoint/checkpoint.js'
import { decodeCheckpoint } from '../../src/learn/checkpoint/decode-checkpoint.js'

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
    throw new ContraflowError('FILE_UNREADABLE', { received: (error as Error).message, place: path }, { cause: error })
  }
}

async function inDirectory(path: string): Promise<string[]> {
  const names = (await readdir(path)).filter(name => /^checkpoint-\d{10}\.contraflow$/.test(name))
  return names.sort((a, b) => (a < b ? 1 : -1)).map(name => join(path, name))
}
