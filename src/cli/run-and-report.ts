import { type Progress, runPipeline } from '../../streams/pipeline/pipeline.js'
import { summaryLines, TerminalView } from '../../streams/terminal/terminal-view.js'
import { systemClock } from '../../streams/time/clock.js'
import type { PipelineConfig } from '../config/pipeline.js'
import { DeadLetterReport } from './dead-letter-report.js'
import { exitCodeOf, report } from './failure.js'
import { nothingCame } from './nothing-came.js'
import { stopSignal } from './stop-signal.js'

export interface ReportOptions {
  /** Only errors on standard error. */
  readonly quiet?: boolean
  /** The summary as one JSON object on standard error. */
  readonly json?: boolean
  /** Do not go on from a checkpoint. */
  readonly fresh?: boolean
  /** Go on with what a checkpoint has learned, from the beginning of another source. */
  readonly newSource?: boolean
}

/**
 * Runs a pipeline with its estimates on the sinks and everything for people on standard error.
 * @throws ContraflowError NOTHING_USABLE when every message was put aside (with `json` it is said, and the exit code set, before the
 * summary), and what the pipeline throws.
 */
export async function runAndReport(
  config: PipelineConfig,
  { quiet = false, json = false, fresh = false, newSource = false }: ReportOptions,
): Promise<void> {
  const out = process.stderr
  const live = out.isTTY && !quiet && !json && !process.stdout.isTTY
  const view = new TerminalView({ out, clock: systemClock })
  const letters = new DeadLetterReport(line => out.write(`${line}\n`))
  const signal = stopSignal()
  const progress = await runPipeline(config, {
    signal,
    fresh,
    newSource,
    log: line => {
      if (!quiet) out.write(`${line}\n`)
    },
    onDeadLetter: letter => letters.note(letter),
    ...(live && { onEstimate: (estimate, state) => view.show(estimate, state) }),
  })
  if (!quiet && !json) {
    out.write(`${summaryLines(progress).join('\n')}\n`)
    if (progress.received === 0) out.write(`${nothingCame(config, progress, signal.aborted)}\n`)
  }
  // Who ends a run does not ask for more.
  const failure = signal.aborted ? undefined : letters.nothingUsable(progress.estimates, placeOf(config))
  if (!json) {
    if (failure) throw failure
    return
  }
  // For programs the summary is the last line, whatever else is said.
  if (failure) {
    report(failure)
    process.exitCode = exitCodeOf(failure)
  }
  out.write(`${JSON.stringify(summary(progress))}\n`)
}

/** What is read, as people call it. */
export function placeOf({ source }: PipelineConfig): string {
  if (source === undefined || source.kind === 'stdin') return 'standard input'
  return source.kind === 'log' ? source.path : source.kind
}

function summary({
  received,
  ignored,
  estimates,
  accounting,
  learning,
  deadLetters,
  channels,
  scores,
}: Progress): object {
  return {
    received,
    ignored,
    estimates,
    accounting,
    learning,
    deadLetters: Object.fromEntries(deadLetters),
    channels,
    scores: Object.fromEntries([...scores].map(([key, score]) => [key, score.scores.channels])),
  }
}
