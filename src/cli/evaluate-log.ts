import { runPipeline } from '../../streams/pipeline.js'
import { table } from '../../streams/table.js'
import type { PipelineConfig } from '../config/pipeline.js'
import { type ChannelEvaluation, Evaluation, type EvaluationPart } from '../learn/evaluation.js'
import { logSource } from './log-source.js'
import { stopSignal } from './stop-signal.js'

export interface LogEvaluation {
  readonly log: string
  readonly channels: readonly string[]
  readonly observations: number
  readonly deadLetters: number
  readonly all: EvaluationPart
  readonly secondHalf: EvaluationPart
}

/** Prequential evaluation of a whole log. */
export async function evaluateLog(
  log: string,
  { checkpoint: _, record: __, ...config }: PipelineConfig,
): Promise<LogEvaluation> {
  const evaluation = new Evaluation()
  const { channels, estimates, deadLetters } = await runPipeline(
    { ...config, source: logSource(log, config), sinks: [] },
    { signal: stopSignal(), onEstimate: estimate => evaluation.observe(estimate) },
  )
  return {
    log,
    channels,
    observations: estimates,
    deadLetters: [...deadLetters.values()].reduce((sum, count) => sum + count, 0),
    all: evaluation.part(0),
    secondHalf: evaluation.part(0.5),
  }
}

export function evaluationLines({
  log,
  channels,
  observations,
  deadLetters,
  all,
  secondHalf,
}: LogEvaluation): string[] {
  const aside = deadLetters > 0 ? `, ${deadLetters} messages put aside` : ''
  return [
    `${log}: ${observations} observations${aside}`,
    ...partLines('all', channels, all),
    ...partLines('second half', channels, secondHalf),
  ]
}

function partLines(title: string, names: readonly string[], { channels, pooled }: EvaluationPart): string[] {
  const row = (name: string, { rmse, persistence, coverage }: Omit<ChannelEvaluation, 'count' | 'deviation'>) => [
    name,
    rmse.toPrecision(5),
    persistence.toPrecision(5),
    (rmse / persistence).toFixed(3),
    coverage === null ? '-' : `${(100 * coverage).toFixed(1)} %`,
  ]
  return table([
    [title, 'RMSE', 'persistence', 'ratio', 'in interval'],
    ...channels.map((channel, j) => row(names[j] ?? `c${j}`, channel)),
    row('pooled, in deviations', { rmse: pooled.model, persistence: pooled.persistence, coverage: null }),
  ])
}
