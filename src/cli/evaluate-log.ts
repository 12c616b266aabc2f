import { runPipeline } from '../../streams/pipeline/pipeline.js'
import { table } from '../../streams/terminal/table.js'
import type { PipelineConfig } from '../config/pipeline.js'
import { ContraflowError } from '../errors.js'
import { type ChannelEvaluation, Evaluation, type EvaluationPart } from '../learn/evaluation.js'
import { DeadLetterReport } from './dead-letter-report.js'
import { logSource } from './log-source.js'
import { stopSignal } from './stop-signal.js'

export interface LogEvaluation {
  readonly log: string
  readonly channels: readonly string[]
  readonly observations: number
  readonly deadLetters: number
  /** Why they were put aside: how many, and what was said of the first, the most frequent first. */
  readonly reasons: readonly string[]
  readonly all: EvaluationPart
  readonly secondHalf: EvaluationPart
}

/**
 * Prequential evaluation of a whole log.
 * @throws ContraflowError NOTHING_USABLE when there is nothing in it to predict, and what the pipeline throws.
 */
export async function evaluateLog(
  log: string,
  { checkpoint: _, record: __, ...config }: PipelineConfig,
): Promise<LogEvaluation> {
  const evaluation = new Evaluation()
  const letters = new DeadLetterReport(() => {})
  const { channels, estimates } = await runPipeline(
    { ...config, source: logSource(log, config), sinks: [] },
    {
      signal: stopSignal(),
      onEstimate: estimate => evaluation.observe(estimate),
      onDeadLetter: letter => letters.note(letter),
    },
  )
  if (estimates === 0)
    throw (
      letters.nothingUsable(0, log) ??
      new ContraflowError('NOTHING_USABLE', { received: 'no message', place: log, remedy: 'Is it the right log?' })
    )
  return {
    log,
    channels,
    observations: estimates,
    deadLetters: letters.count,
    reasons: letters.reasons,
    all: evaluation.part(0),
    secondHalf: evaluation.part(0.5),
  }
}

export function evaluationLines({
  log,
  channels,
  observations,
  deadLetters,
  reasons,
  all,
  secondHalf,
}: LogEvaluation): string[] {
  const aside = deadLetters > 0 ? `, ${deadLetters} messages put aside` : ''
  return [
    `${log}: ${observations} observations${aside}`,
    ...reasons.map(reason => `  ${reason}`),
    ...partLines('all', channels, all),
    ...partLines('second half', channels, secondHalf),
  ]
}

function partLines(title: string, names: readonly string[], { channels, pooled }: EvaluationPart): string[] {
  const row = (name: string, { rmse, persistence, coverage }: Omit<ChannelEvaluation, 'count' | 'deviation'>) => [
    name,
    digits(rmse),
    digits(persistence),
    // Of a channel that never moves there is nothing to compare.
    persistence > 0 ? (rmse / persistence).toFixed(3) : '-',
    coverage === null ? '-' : `${(100 * coverage).toFixed(1)} %`,
  ]
  return table([
    [title, 'RMSE', 'persistence', 'ratio', 'in interval'],
    ...channels.map((channel, j) => row(names[j] ?? `c${j}`, channel)),
    row('pooled, in deviations', { rmse: pooled.model, persistence: pooled.persistence, coverage: null }),
  ])
}

/** Of too few observations there is no error. */
function digits(error: number): string {
  return Number.isFinite(error) ? error.toPrecision(5) : '-'
}
