import { fastest } from '../fastest.js'
import { findPython, PythonPeer } from '../peers/python-peer.js'
import type { BenchOptions, Figure, Section } from '../section.js'
import { sixteenObservations, spiral, type WindowProblem } from '../window-problem.js'
import { WindowUpdate } from '../window-update.js'

/** What each library calls its ways back, and how many times as long as ours each must take. */
const PEERS = [
  { module: 'torchdiffeq', variant: 'odeint', atLeast: 40 },
  { module: 'torchdiffeq', variant: 'odeint_adjoint', atLeast: 400 },
  { module: 'diffrax', variant: 'RecursiveCheckpointAdjoint', atLeast: 1 },
  { module: 'diffrax', variant: 'BacksolveAdjoint', atLeast: 1 },
] as const

const WAYS = ['interpolate', 'land'] as const

export const window: Section = {
  name: 'window',
  title: 'One update: forward over 16 observations, backward, Adam; MLP 4-64-64-4, dopri5 at 1e-6, float64',
  async run({ peers }: BenchOptions) {
    const problem = sixteenObservations()
    const updates = WAYS.map(meet => new WindowUpdate(problem, meet))
    const solutions = updates.map(update => update.solve())
    const seconds = fastest(updates.map(update => () => update.update()))
    const own = WAYS.map((meet, k): Figure => {
      const note = `${solutions[k]!.evaluations} evaluations forward`
      return { name: `update, ${meet}`, value: seconds[k]! * 1e6, unit: 'µs', note }
    })
    const exact = new WindowUpdate({ ...problem, method: 'dopri5', rtol: 1e-13, atol: 1e-13 }, 'land').solve()
    const errors = WAYS.flatMap((meet, k) => errorFigures(meet, solutions[k]!, exact))
    return [...own, ...errors, ...(peers ? await againstPeers(problem, exact) : [])]
  },
}

export const spiralGradient: Section = {
  name: 'spiral',
  title: "SciML's spiral: gradient over 30 points, MLP 2-50-2 on u³, tsit5 at their tolerances, float64",
  async run() {
    const updates = WAYS.map(meet => new WindowUpdate(spiral(), meet))
    const seconds = fastest(updates.map(update => () => update.gradient()))
    return WAYS.map((meet, k): Figure => {
      const bar = meet === 'interpolate' ? { atMost: 0.1 } : {}
      return { name: `gradient, ${meet}`, value: seconds[k]! * 1e3, unit: 'ms', ...bar, note: 'published: 1.657 ms' }
    })
  },
}

type Solution = ReturnType<WindowUpdate['solve']>

function errorFigures(who: string, solution: Pick<Solution, 'states' | 'gradient'>, exact: Solution): Figure[] {
  const difference = (a: readonly number[], b: readonly number[]) => Math.max(...a.map((x, i) => Math.abs(x - b[i]!)))
  const size = Math.max(...exact.gradient.map(Math.abs))
  return [
    { name: `error of the states, ${who}`, value: difference(solution.states.flat(), exact.states.flat()), unit: '' },
    {
      name: `error of the gradient, ${who}`,
      value: difference(solution.gradient, exact.gradient) / size,
      unit: 'relative',
    },
  ]
}

/** Ours and theirs take turns, so that a slow spell of the machine hits both. */
async function againstPeers(problem: WindowProblem, exact: Solution): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const { module, variant, atLeast } of PEERS) {
    const python = findPython(module)
    if (python === undefined) {
      figures.push({
        name: `${module} ${variant}`,
        value: Number.NaN,
        unit: '',
        note: `no Python with ${module}: test/bench/README.md`,
      })
      continue
    }
    const peer = new PythonPeer(`${module}_peer.py`, python)
    try {
      const library = await peer.setup(problem)
      figures.push(...errorFigures(`${module} ${variant}`, await peer.solve(variant), exact))
      const ours = WAYS.map(meet => new WindowUpdate(problem, meet))
      const best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
      let theirs = Number.POSITIVE_INFINITY
      await peer.time(variant, 3)
      for (let round = 0; round < ROUNDS; round++) {
        theirs = Math.min(theirs, (await peer.time(variant, 10)) / 10)
        const seconds = fastest(
          ours.map(update => () => update.update()),
          0.1,
        )
        seconds.forEach((value, k) => {
          best[k] = Math.min(best[k]!, value)
        })
      }
      figures.push({ name: `update, ${module} ${variant}`, value: theirs * 1e6, unit: 'µs', note: library })
      WAYS.forEach((meet, k) => {
        const bar = meet === 'interpolate' ? { atLeast } : {}
        figures.push({ name: `${module} ${variant} / ours, ${meet}`, value: theirs / best[k]!, unit: '×', ...bar })
      })
    } finally {
      peer.close()
    }
  }
  return figures
}

const ROUNDS = 5
