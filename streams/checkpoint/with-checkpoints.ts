import type { PipelineConfig } from '../../src/config/pipeline.js'
import type { TensorParts } from '../pipeline/tensor-parts.js'
import { RunCheckpoints, type RunCheckpointsOptions } from './run-checkpoints.js'
import { runIdentity } from './run-identity.js'

/**
 * Runs something with the checkpoints that a pipeline file asks for, if it does, and ends when the last one is written.
 * @throws ContraflowError what `RunCheckpoints.open` and the run throw; CHECKPOINT_FAILED when the last one could not be written; STATE_IN_USE
 * when another run has taken the directory meanwhile.
 */
export async function withCheckpoints<T>(
  config: PipelineConfig,
  tensors: TensorParts,
  options: Pick<RunCheckpointsOptions, 'fresh' | 'newSource' | 'log' | 'clock'>,
  run: (checkpoints: RunCheckpoints | undefined) => Promise<T>,
): Promise<T> {
  const { checkpoint } = config
  if (checkpoint === undefined) return run(undefined)
  const checkpoints = await RunCheckpoints.open(runIdentity(config, tensors), { ...checkpoint, ...options })
  let result: T
  try {
    result = await run(checkpoints)
  } catch (error) {
    await checkpoints.close().catch(() => {}) // the first failure is the one to tell
    throw checkpoints.lost ?? error
  }
  await checkpoints.close()
  return result
}
