import { writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import { isSameFile } from '../../../streams/files/same-file.js'
import { parseProblem } from '../../config/problem.js'
import { ContraflowError } from '../../errors.js'
import { readText } from '../read-config.js'

const HELP = `
Where does the adjoint get its value at the last observation from? From the loss: it is zero behind it, and every
observation adds its own gradient on the way back. The output shows each jump, the picture draws them.

Example: {"field":{"kind":"linear","matrix":[[-0.1,2],[-2,-0.1]]},"t0":0,"z0":[2,0],
          "observations":[{"t":1.5,"y":[0.5,-1]}]}`

export function adjointCommand(): Command {
  return new Command('adjoint')
    .description('Solves a problem file, runs the backward pass and prints loss, states, gradient and jumps as JSON.')
    .argument('<problem>', 'problem file in JSON; "-" is standard input')
    .option('--plot <file>', 'also draw z(t) with the observations and a(t) with its jumps, as SVG')
    .option(
      '--check',
      'add `drift`: how far a·f strays from constant between jumps, for a field that does not depend on time',
    )
    .addHelpText('after', HELP)
    .action(async (path: string, { plot, check }: { plot?: string; check?: boolean }) => {
      if (plot !== undefined && path !== '-' && (await isSameFile(path, plot)))
        throw new ContraflowError('OPTION_INVALID', { received: '--plot: the problem file itself', place: plot })
      const problem = parseProblem(await readText(path, 'FILE_UNREADABLE'), path)
      const { solveProblem } = await import('../solve-problem.js')
      process.stdout.write(`${JSON.stringify(solveProblem(problem, check))}\n`)
      if (plot === undefined) return
      const { plotProblem } = await import('../plot/plot-problem.js')
      await save(plot, plotProblem(problem))
    })
}

async function save(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text)
  } catch (error) {
    throw new ContraflowError('SINK_FAILED', { received: (error as Error).message, place: path }, { cause: error })
  }
}
