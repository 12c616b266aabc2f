import type { PipelineConfig, SourceConfig } from '../config/pipeline.js'

/** A log in place of the source of a pipeline file, whose way to tell time is kept; "-" is standard input. */
export function logSource(path: string, { source }: PipelineConfig, speed: number | 'max' = 'max'): SourceConfig {
  const times = timesOf(source)
  return path === '-' ? { kind: 'stdin', ...times } : { kind: 'log', path, speed, ...times }
}

/** How a source says what its numbers mean. */
function timesOf(source: SourceConfig | undefined) {
  const { timeUnit, timeCheck } = source === undefined || source.kind === 'simulate' ? {} : source
  return { ...(timeUnit && { timeUnit }), ...(timeCheck !== undefined && { timeCheck }) }
}
