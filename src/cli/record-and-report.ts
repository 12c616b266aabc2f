import { recordSource } from '../../streams/recorder/record-source.js'
import type { PipelineConfig } from '../config/pipeline.js'
import { DeadLetterReport } from './dead-letter-report.js'
import { exitCodeOf, report } from './failure.js'
import { placeOf, type ReportOptions } from './run-and-report.js'
import { stopSignal } from './stop-signal.js'

/** Records a source, with everything for people on standard error. */
export async function recordAndReport(
  config: PipelineConfig,
  { quiet = false, json = false }: Pick<ReportOptions, 'quiet' | 'json'>,
): Promise<void> {
  const say = (line: string) => process.stderr.write(`${line}\n`)
  const letters = new DeadLetterReport(say)
  const signal = stopSignal()
  const summary = await recordSource(config, {
    signal,
    ...(!quiet && { log: say }),
    onDeadLetter: letter => letters.note(letter),
  })
  const { recorded, lost, deadLetters } = summary
  const failure = signal.aborted ? undefined : letters.nothingUsable(recorded + lost, placeOf(config))
  if (!json) {
    if (!quiet) say(`${recorded} observations recorded, ${lost} lost, ${deadLetters} messages could not be used`)
    if (failure) throw failure
    return
  }
  if (failure) {
    report(failure)
    process.exitCode = exitCodeOf(failure)
  }
  say(JSON.stringify(summary))
}
