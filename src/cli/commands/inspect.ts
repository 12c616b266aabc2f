import { Command } from 'commander'

export function inspectCommand(): Command {
  return new Command('inspect')
    .description('Says what a checkpoint holds; of a directory, the newest one that is intact.')
    .argument('<checkpoint>', 'checkpoint file or state directory')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: contraflow inspect state')
    .action(async (path: string, { json = false }: { json?: boolean }) => {
      const { inspectCheckpoint, inspectionLines } = await import('../inspect-checkpoint.js')
      const inspection = await inspectCheckpoint(path)
      console.log(json ? JSON.stringify(inspection) : inspectionLines(inspection).join('\n'))
    })
}
