import { Command } from 'commander'
import { DEFAULT_CONFIG, readConfig } from '../read-config.js'

export function checkCommand(): Command {
  return new Command('check')
    .description(
      'Checks pipeline files and what they name (logs, secrets, certificates, places for output) without running them, and says what they would do.',
    )
    .argument('[files...]', 'pipeline files', [DEFAULT_CONFIG])
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: contraflow check room.yaml')
    .action(async (files: string[], { json = false }: { json?: boolean }) => {
      const { redact } = await import('../../config/redact.js')
      const { describePipeline } = await import('../describe-pipeline.js')
      const { findProblems } = await import('../find-problems.js')
      const { describeBackend, loadBackend } = await import('../../tensor/backend.js')
      const tensorflow = await loadBackend()
      for (const file of files) {
        const config = await readConfig(file)
        const problems = await findProblems(config)
        const ok = problems.length === 0
        if (!ok) process.exitCode = 1
        if (json) console.log(JSON.stringify({ file, ok, problems, config: redact(config), tensorflow }))
        else
          console.log(
            [
              ok ? `${file}: ok` : `${file}: well formed, but it would not run here`,
              ...problems.map(problem => `  ${problem}`),
              ...(await describePipeline(config)).map(line => `  ${line}`),
            ].join('\n'),
          )
      }
      if (!json) console.log(describeBackend(tensorflow).join('\n'))
    })
}
