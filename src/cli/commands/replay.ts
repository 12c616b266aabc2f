import { Command, InvalidArgumentError } from 'commander'
import type { PipelineConfig } from '../../config/pipeline.js'
import { logSource } from '../log-source.js'
import { readConfig } from '../read-config.js'
import type { ReportOptions } from '../run-and-report.js'
import { stopSignal } from '../stop-signal.js'
import { withoutDecisions } from '../without-decisions.js'

interface ReplayOptions extends ReportOptions {
  readonly config?: string
  readonly output?: string
  readonly speed: number | 'max'
}

export function replayCommand(): Command {
  return new Command('replay')
    .description(
      'Replays a recorded log (NDJSON, plain or gzip; "-" is standard input) whatever the source of the file says.',
    )
    .argument('<log>', 'log file')
    .option('-c, --config <file>', 'pipeline file; without one everything has its default')
    .option('-o, --output <file>', 'where estimates go instead of the sinks of the file; "-" is standard output')
    .option('-s, --speed <factor>', 'event time against the clock: 1, n or max', parseSpeed, 'max')
    .option('--fresh', 'do not go on from the checkpoints that are there; put them aside, and the recording')
    .option('--new-source', 'go on with what was learned, from the beginning of another source')
    .option('-q, --quiet', 'only errors on standard error')
    .option('--json', 'the summary as JSON on standard error')
    .addHelpText('after', '\nExample: contraflow replay room.ndjson -c room.yaml -o estimates.ndjson')
    .action(async (log: string, { config, output, speed, ...report }: ReplayOptions) => {
      stopSignal()
      const { checkpoint, deadLetters, ...file }: PipelineConfig =
        config === undefined ? {} : withoutDecisions(await readConfig(config))
      const [{ runAndReport }, { isRecording }] = await Promise.all([
        import('../run-and-report.js'),
        import('../../../streams/recorder/recording-feed.js'),
      ])
      // The checkpoints beside a recording are those of the run that made it, and have to lead that run on, not its replay; its dead
      // letters have been written down by that run.
      const ofRun = await isRecording(log)
      await runAndReport(
        {
          ...file,
          ...(!ofRun && checkpoint && { checkpoint }),
          ...(!ofRun && deadLetters && { deadLetters }),
          source: logSource(log, file, speed),
          ...(output !== undefined && { sinks: [{ kind: 'ndjson', path: output }] }),
        },
        report,
      )
    })
}

function parseSpeed(text: string): number | 'max' {
  const speed = Number(text)
  if (text === 'max') return 'max'
  if (speed > 0 && speed < Infinity) return speed
  throw new InvalidArgumentError('Expected max or a positive number.')
}
