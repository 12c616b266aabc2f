import { systemClock } from '../../streams/clock.js'
import { type Progress, runPipeline } from '../../streams/pipeline.js'
import { summaryLines, TerminalView } from '../../streams/terminal-view.js'
import type { PipelineConfig } from '../config/pipeline.js'
import type { ErrorCode } from '../errors.js'
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

/** Dead letters of one code that are shown; the summary counts them all. */
const SHOWN = 5

/** Runs a pipeline with its estimates on the sinks and everything for people on standard error. */
export async function runAndReport(
  config: PipelineConfig,
  { quiet = false, json = false, fresh = false, newSource = false }: ReportOptions,
): Promise<void> {
  const out = process.stderr
  const live = out.isTTY && !quiet && !json && !process.stdout.isTTY
  const view = new TerminalView({ out, clock: systemClock })
  const shown = new Map<ErrorCode, number>()
  const progress = await runPipeline(config, {
    signal: stopSignal(),
    fresh,
    newSource,
    log: line => {
      if (!quiet) out.write(`${line}\n`)
    },
    onDeadLetter: ({ code, message }) => {
      const count = (shown.get(code) ?? 0) + 1
      shown.set(code, count)
      if (count <= SHOWN) out.write(`${message}\n`)
      if (count === SHOWN) out.write(`(more ${code} are counted, not shown)\n`)
    },
    ...(live && { onEstimate: (estimate, state) => view.show(estimate, state) }),
  })
  if (json) out.write(`${JSON.stringify(summary(progress))}\n`)
  else if (!quiet) out.write(`${summaryLines(progress).join('\n')}\n`)
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
