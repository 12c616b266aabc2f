import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { PipelineConfig } from '../../src/config/pipeline.js'
import { ContraflowError, type ErrorCode } from '../../src/errors.js'
import { nodeFileSystem } from '../files/file-system.js'
import { tryWriting } from '../files/try-writing.js'
import type { TensorParts } from '../pipeline/tensor-parts.js'
import { checkpointNumbers } from './checkpoint-name.js'
import { DirectoryLock } from './directory-lock.js'
import { describeProgress, goOnFrom } from './go-on-from.js'
import { newestCheckpoint } from './newest-checkpoint.js'
import { runIdentity } from './run-identity.js'

/**
 * How a run would begin with the checkpoints that a pipeline file asks for. Locks nothing, and leaves nothing behind.
 * @returns One sentence; undefined for a file that asks for none.
 * @throws ContraflowError what the run would end in: CHECKPOINT_MISFIT, CHECKPOINT_DAMAGED, CHECKPOINT_VERSION, CHECKPOINT_FAILED, STATE_IN_USE, FILE_UNREADABLE.
 */
export async function foreseeCheckpoints(config: PipelineConfig, tensors: TensorParts): Promise<string | undefined> {
  const { directory } = config.checkpoint ?? {}
  if (directory === undefined) return undefined
  if (!(await foreseeDirectory(directory, 'CHECKPOINT_FAILED'))) return 'starts anew: the directory will be made'
  const numbers = checkpointNumbers(await nodeFileSystem.list(directory))
  let passed = 0
  const found = await newestCheckpoint({ directory, numbers, fs: nodeFileSystem, damaged: () => passed++ })
  if (found === undefined) return 'starts anew: there is no checkpoint yet'
  await goOnFrom(found, runIdentity(config, tensors), false)
  const behind = passed > 0 ? `, behind ${passed} that are damaged` : ''
  return `goes on from ${found.path}, ${describeProgress(found.checkpoint.summary)}${behind}`
}

/**
 * Can a run have this directory for itself, and write there? That is tried for a moment. @returns Whether it is there.
 * @throws ContraflowError with this code when it cannot be made, read or written; STATE_IN_USE.
 */
export async function foreseeDirectory(path: string, code: ErrorCode): Promise<boolean> {
  try {
    const there = await stat(path).catch(() => undefined)
    if (there === undefined) {
      await tryWriting(await above(resolve(path)))
      return false
    }
    if (!there.isDirectory()) throw new Error('a file where the directory should be')
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
    await tryWriting(path)
  } catch (error) {
    throw new ContraflowError(code, { received: (error as Error).message, place: path }, { cause: error })
  }
  await DirectoryLock.refuseInUse(path, nodeFileSystem)
  return true
}

/** The nearest directory above that is there. */
async function above(path: string): Promise<string> {
  const parent = dirname(path)
  const there = await stat(parent).catch(() => undefined)
  if (there?.isDirectory() || parent === path) return parent
  if (there) throw new Error(`${parent} is no directory`)
  return above(parent)
}
