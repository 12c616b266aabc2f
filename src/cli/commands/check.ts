import { Command } from 'commander'
import { readConfig } from '../read-config.js'

export function checkCommand(): Command {
  return new Command('check')
    .description('Checks pipeline files without running them, and says what they would do.')
    .argument('[files...]', 'pipeline files', ['contraflow.yaml'])
    .option('--json', 'print JSON')
    .action(async (files: string[], { json = false }: { json?: boolean }) => {
      const { redact } = await import('../../config/redact.js')
      const { describePipeline } = await import('../describe-pipeline.js')
      const { describeBackend, loadBackend } = await import('../../tensor/backend.js')
      const tensorflow = await loadBackend()
      for (const file of files) {
        const config = await readConfig(file)
        if (json) console.log(JSON.stringify({ file, ok: true, config: redact(config), tensorflow }))
        else console.log([`${file}: ok`, ...(await describePipeline(config)).map(line => `  ${line}`)].join('\n'))
      }
      if (!json) console.log(describeBackend(tensorflow).join('\n'))
    })
}
