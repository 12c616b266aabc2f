import type { PipelineConfig, SourceConfig } from '../config/pipeline.js'

/** A log in place of the source of a pipeline file, whose unit of time is kept; "-" is standard input. */
export function logSource(path: string, { source }: PipelineConfig, speed: number | 'max' = 'max'): SourceConfig {
  const unit = source && 'timeUnit' in source && source.timeUnit ? { timeUnit: source.timeUnit } : {}
  return path === '-' ? { kind: 'stdin', ...unit } : { kind: 'log', path, speed, ...unit }
}
