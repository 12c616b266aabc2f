import type { PipelineConfig, SourceConfig } from '../config/pipeline.js'
import { readingOf } from '../config/source-format.js'

/** A log in place of the source of a pipeline file, which still says how messages are to be read; "-" is standard input. */
export function logSource(path: string, { source }: PipelineConfig, speed: number | 'max' = 'max'): SourceConfig {
  const reading = readingOf(source)
  return path === '-' ? { kind: 'stdin', ...reading } : { kind: 'log', path, speed, ...reading }
}
