import { readFileSync, writeFileSync } from 'node:fs'
import type { PipelineConfig } from '../../src/config/pipeline.js'
import type { DeadLetter } from '../../src/dead-letter.js'
import type { Estimate, Forecast } from '../../src/estimate.js'
import { type PipelineOptions, type Progress, runPipeline } from '../../streams/pipeline/pipeline.js'
import { temporaryFile } from './temporary.js'

/** A small model that learns in a fraction of a millisecond. */
export const SMALL = {
  model: { augment: 0, dynamics: { hidden: [4] } },
  learn: { window: 4, warmup: 5 },
} as const satisfies PipelineConfig

export function writeLog(lines: readonly string[]): string {
  const path = temporaryFile('log.ndjson')
  writeFileSync(path, lines.map(line => `${line}\n`).join(''))
  return path
}

export const readLines = (path: string) => readFileSync(path, 'utf8').split('\n').slice(0, -1)
export const readJson = <T>(path: string) => readLines(path).map(line => JSON.parse(line) as T)

export interface PipelineRun {
  readonly progress: Progress
  readonly output: string
  readonly messages: (Estimate | Forecast)[]
  readonly estimates: Estimate[]
}

/** Runs a pipeline into a file of its own. */
export async function runToFile(config: PipelineConfig, options: PipelineOptions = {}): Promise<PipelineRun> {
  const path = temporaryFile('estimates.ndjson')
  const progress = await runPipeline({ ...SMALL, ...config, sinks: [{ kind: 'ndjson', path }] }, options)
  const messages = readJson<Estimate | Forecast>(path)
  const estimates = messages.filter((message): message is Estimate => !('forecast' in message))
  return { progress, output: readFileSync(path, 'utf8'), messages, estimates }
}

/** Dead letters by code. */
export function countByCode(letters: readonly DeadLetter[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { code } of letters) counts[code] = (counts[code] ?? 0) + 1
  return counts
}
