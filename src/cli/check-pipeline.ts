import { foreseeCheckpoints } from '../../streams/checkpoint/foresee.js'
import { loadTensorParts } from '../../streams/pipeline/tensor-parts.js'
import { redact } from '../config/complaints/redact.js'
import { ContraflowError, type ErrorCode } from '../errors.js'
import { describePipeline } from './describe-pipeline.js'
import { findProblems } from './find-problems.js'
import { readConfig } from './read-config.js'

/** What `contraflow check` says of a pipeline file. */
export interface PipelineCheck {
  /** The file as it was read, without secrets. */
  readonly config: unknown
  /** What a run would end in before it has begun; none when it would begin. */
  readonly problems: readonly Error[]
  /** What it would do. */
  readonly lines: readonly string[]
}

/** Foresees a run. Connects nowhere and leaves nothing behind. @throws ContraflowError for a file that is wrong in itself, or whose model cannot be loaded. */
export async function checkPipeline(file: string): Promise<PipelineCheck> {
  const config = await readConfig(file)
  const tensors = await loadTensorParts(config)
  let problems = await findProblems(config)
  let beginning: string | undefined
  try {
    beginning = await foreseeCheckpoints(config, tensors)
  } catch (error) {
    // Other channels than before are said once.
    if (isMisfit(error, 'CHECKPOINT_MISFIT')) problems = problems.filter(other => !isMisfit(other, 'RECORDING_MISFIT'))
    problems.push(error as Error)
  }
  return { config: redact(config), problems, lines: describePipeline(config, tensors, beginning) }
}

function isMisfit(error: unknown, code: ErrorCode): boolean {
  return error instanceof ContraflowError && error.code === code
}
