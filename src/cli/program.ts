import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { adjointCommand } from './commands/adjoint.js'
import { checkCommand } from './commands/check.js'
import { evaluateCommand } from './commands/evaluate.js'
import { exportCommand } from './commands/export.js'
import { inspectCommand } from './commands/inspect.js'
import { recordCommand } from './commands/record.js'
import { replayCommand } from './commands/replay.js'
import { runCommand } from './commands/run.js'
import { simulateCommand } from './commands/simulate.js'
import { verifyCommand } from './commands/verify.js'
import { hintAt } from './hints.js'

/** The command line. Commands load what they need when they run, so that `--help` and start-up stay quick. */
export function createProgram(): Command {
  const program = new Command('contraflow')
    .description('Online learning with neural ODEs on streams.')
    .version(version())
    .showHelpAfterError('(--help shows the options)')
  const commands = [
    runCommand(),
    replayCommand(),
    recordCommand(),
    simulateCommand(),
    evaluateCommand(),
    adjointCommand(),
    checkCommand(),
    exportCommand(),
    inspectCommand(),
    verifyCommand(),
  ]
  for (const command of commands) program.addCommand(command.copyInheritedSettings(program))
  for (const command of [program, ...program.commands]) hintAt(command).exitOverride()
  return program.addHelpText('after', '\nExit codes: 0 ok, 1 failed, 2 usage or invalid file.')
}

function version(): string {
  const file = new URL('../../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
