import { Command } from 'commander'
import type { PipelineConfig } from '../../config/pipeline.js'
import { readConfig } from '../read-config.js'

interface EvaluateOptions {
  readonly config?: string
  readonly json?: boolean
}

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('Replays a log and says how good the predictions were, each made before its observation was learned.')
    .argument('<log>', 'log file (NDJSON, plain or gzip; "-" is standard input)')
    .option('-c, --config <file>', 'pipeline file; without one everything has its default')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: contraflow evaluate room.ndjson -c room.yaml')
    .action(async (log: string, { config, json = false }: EvaluateOptions) => {
      const file: PipelineConfig = config === undefined ? {} : await readConfig(config)
      const { evaluateLog, evaluationLines } = await import('../evaluate-log.js')
      const result = await evaluateLog(log, file)
      console.log(json ? JSON.stringify(result) : evaluationLines(result).join('\n'))
    })
}
