import { once } from 'node:events'
import { Argument, Command } from 'commander'
import { SYSTEM_NAMES, type SystemName } from '../../names.js'
import { parseNatural, parseNonNegative, parsePositive, parsePositiveInteger } from '../numbers.js'

interface SimulateCommandOptions {
  readonly count?: number
  readonly seed?: number
  readonly gap?: number
  readonly noise?: number
  readonly missing?: number
  readonly hide?: readonly string[]
  readonly key?: string
}

export function simulateCommand(): Command {
  return new Command('simulate')
    .description('Prints noisy observations of a system with known equations, at irregular times, as NDJSON.')
    .addArgument(new Argument('<system>').choices(SYSTEM_NAMES))
    .option('-n, --count <n>', 'observations (default 1000)', parsePositiveInteger)
    .option('--seed <n>', 'same seed, same bytes (default 1)', parseNatural)
    .option('--gap <time>', 'mean gap, exponentially distributed', parsePositive)
    .option('--noise <deviation>', 'standard deviation of the noise', parseNonNegative)
    .option('--missing <share>', 'share of the values that are missing (default 0)', parseNonNegative)
    .option('--hide <channel...>', 'channels that are never measured')
    .option('--key <key>', 'key of the observations')
    .addHelpText(
      'after',
      '\nExample: contraflow simulate van-der-pol -n 3000 | contraflow replay - -o estimates.ndjson',
    )
    .action(async (system: SystemName, options: SimulateCommandOptions) => {
      const { simulate } = await import('../../../streams/simulate/simulate.js')
      for (const line of simulate({ system, ...options })) {
        if (process.stdout.destroyed) return
        if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain')
      }
    })
}
