import { Command } from 'commander'
import { DEFAULT_CONFIG, readConfig } from '../read-config.js'
import type { ReportOptions } from '../run-and-report.js'
import { stopSignal } from '../stop-signal.js'

export function runCommand(): Command {
  return new Command('run')
    .description('Runs a pipeline file: learns from its source and sends estimates to its sinks.')
    .option('-c, --config <file>', 'pipeline file', DEFAULT_CONFIG)
    .option('--fresh', 'do not go on from the checkpoints that are there; put them aside, and the recording')
    .option('--new-source', 'go on with what was learned, from the beginning of another source')
    .option('-q, --quiet', 'only errors on standard error')
    .option('--json', 'the summary as JSON on standard error')
    .addHelpText(
      'after',
      '\nSIGINT, SIGTERM and SIGHUP end the run in good order; a second one ends it at once.\nExample: contraflow run -c room.yaml',
    )
    .action(async ({ config, ...report }: { config: string } & ReportOptions) => {
      stopSignal()
      const { runAndReport } = await import('../run-and-report.js')
      await runAndReport(await readConfig(config), report)
    })
}
