import { Command } from 'commander'
import { DEFAULT_CONFIG } from '../read-config.js'

export function checkCommand(): Command {
  return new Command('check')
    .description(
      'Checks pipeline files and what they name (logs, secrets, certificates, ports, checkpoints, places for output) without running them, ' +
        'and says what `run` would do. Connects nowhere and leaves nothing behind.',
    )
    .argument('[files...]', 'pipeline files', [DEFAULT_CONFIG])
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: contraflow check room.yaml')
    .action(async (files: string[], { json = false }: { json?: boolean }) => {
      const { checkPipeline } = await import('../check-pipeline.js')
      const { exitCodeOf, report } = await import('../failure.js')
      const { describeBackend, loadBackend } = await import('../../tensor/backend.js')
      const tensorflow = await loadBackend()
      let read = false
      for (const file of files) {
        try {
          const { config, problems, lines } = await checkPipeline(file)
          const ok = problems.length === 0
          read = true
          const sentences = problems.map(problem => problem.message)
          // A wrong file is worse than one that does not run here.
          for (const problem of problems)
            process.exitCode = Math.max(Number(process.exitCode ?? 0), exitCodeOf(problem))
          if (json) console.log(JSON.stringify({ file, ok, problems: sentences, config, tensorflow }))
          else {
            const verdict = ok ? `${file}: ok` : `${file}: well formed, but it would not run here`
            console.log([verdict, ...sentences, ...lines].join('\n').replaceAll('\n', '\n  '))
          }
        } catch (error) {
          report(error)
          process.exitCode = Math.max(Number(process.exitCode ?? 0), exitCodeOf(error))
        }
      }
      if (read && !json) console.log(describeBackend(tensorflow).join('\n'))
    })
}
