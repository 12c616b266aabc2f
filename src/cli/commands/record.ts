import { Command } from 'commander'
import { DEFAULT_CONFIG, readConfig } from '../read-config.js'
import { stopSignal } from '../stop-signal.js'

interface RecordOptions {
  readonly config: string
  readonly directory?: string
  readonly quiet?: boolean
  readonly json?: boolean
}

export function recordCommand(): Command {
  return new Command('record')
    .description(
      'Writes down what the source of a pipeline file gives, without learning from it; replay reads it again.',
    )
    .option('-c, --config <file>', 'pipeline file', DEFAULT_CONFIG)
    .option('-d, --directory <path>', 'where the recording goes, instead of record.directory of the file')
    .option('-q, --quiet', 'only errors on standard error')
    .option('--json', 'the summary as JSON on standard error')
    .addHelpText(
      'after',
      '\nSIGINT, SIGTERM and SIGHUP end the recording in good order; it goes on behind what is there.\nExample: contraflow record -c room.yaml -d recording',
    )
    .action(async ({ config, directory, ...report }: RecordOptions) => {
      stopSignal()
      const file = await readConfig(config)
      const { recordAndReport } = await import('../record-and-report.js')
      await recordAndReport({ ...file, ...(directory && { record: { ...file.record, directory } }) }, report)
    })
}
