import { Command } from 'commander'
import { parseProblem } from '../../config/problem.js'
import { readText } from '../read-config.js'

const HELP = `
Where does the adjoint get its value at the last observation from? From the loss: it is zero behind it, and every
observation adds its own gradient on the way back. The output shows each jump.

Example: {"field":{"kind":"linear","matrix":[[-0.1,2],[-2,-0.1]]},"t0":0,"z0":[2,0],
          "observations":[{"t":1.5,"y":[0.5,-1]}]}`

export function adjointCommand(): Command {
  return new Command('adjoint')
    .description('Solves a problem file, runs the backward pass and prints loss, states, gradient and jumps as JSON.')
    .argument('<problem>', 'problem file in JSON; "-" is standard input')
    .addHelpText('after', HELP)
    .action(async (path: string) => {
      const problem = parseProblem(await readText(path, 'FILE_UNREADABLE'), path)
      const { solveProblem } = await import('../solve-problem.js')
      process.stdout.write(`${JSON.stringify(solveProblem(problem))}\n`)
    })
}
