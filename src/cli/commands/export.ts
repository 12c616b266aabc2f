import { Command } from 'commander'
import type { ExportOptions } from '../export-model.js'

export function exportCommand(): Command {
  return new Command('export')
    .description('Writes the field that a checkpoint has learned as a model of TensorFlow.js.')
    .argument('<checkpoint>', 'checkpoint file or state directory')
    .requiredOption('--to <file>', 'the model.json to write; its weights go beside it')
    .option('--key <key>', 'which key, when there are several')
    .option('--model <file>', 'the model.json that the run began with, when that was its field')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: contraflow export state --to model.json')
    .action(async (checkpoint: string, { json = false, ...options }: ExportOptions & { json?: boolean }) => {
      const { exportModel } = await import('../export-model.js')
      const report = await exportModel(checkpoint, options)
      const { to, key, parameters } = report
      console.log(json ? JSON.stringify(report) : `${to}: ${parameters} parameters of key ${JSON.stringify(key)}`)
    })
}
