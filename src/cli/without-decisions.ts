import type { PipelineConfig } from '../config/pipeline.js'

/**
 * A pipeline file for what has been accepted before: nothing is decided by the clock again, and nothing is added to the recording
 * that it may come from.
 */
export function withoutDecisions({ record: _, learn, ...config }: PipelineConfig): PipelineConfig {
  if (learn === undefined) return config
  const { idle: __, ...rest } = learn
  return { ...config, learn: rest }
}
