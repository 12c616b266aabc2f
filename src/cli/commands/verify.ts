import { Command } from 'commander'
import { DEFAULT_CONFIG, readConfig } from '../read-config.js'

export function verifyCommand(): Command {
  return new Command('verify')
    .description('Learns a log or a recording anew, up to a checkpoint, and compares every bit of what was learned.')
    .argument('<log>', 'recording directory, or log file (NDJSON, plain or gzip)')
    .argument('<checkpoint>', 'checkpoint file or state directory')
    .option('-c, --config <file>', 'pipeline file that the checkpoint was made with', DEFAULT_CONFIG)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: contraflow verify recording state -c room.yaml')
    .action(async (log: string, checkpoint: string, { config, json = false }: { config: string; json?: boolean }) => {
      const { verifyCheckpoint, verificationLines } = await import('../verify-checkpoint.js')
      const verification = await verifyCheckpoint(log, checkpoint, await readConfig(config))
      console.log(json ? JSON.stringify(verification) : verificationLines(verification).join('\n'))
      if (!verification.same) process.exitCode = 1
    })
}
