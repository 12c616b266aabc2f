import { describe, expect, it } from 'vitest'
import { type AdjointSolution, solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { ADJOINT_NAMES, type AdjointName, UPDATE_NAMES } from '../../src/names.js'
import { methods } from '../../src/ode/methods/index.js'
import { relativeError } from '../support/arrays.js'
import { testWindow } from '../support/windows.js'

/** Windows that nobody has chosen: random networks, values, weights and missing channels, with every update map. */
const SEEDS = Array.from({ length: 12 }, (_, seed) => seed + 500)
const TOLERANCE = 1e-9
const NAMES = ['tsit5', 'dopri5', 'verner7', 'dopri8', 'kvaerno5'] as const
const MEETINGS = ['land', 'interpolate'] as const

const flat = ({ gradient }: AdjointSolution) =>
  Float64Array.of(...gradient.start, ...gradient.field, ...gradient.update, ...gradient.times)

const windowOf = (seed: number, meet: (typeof MEETINGS)[number]) => {
  const update = meet === 'interpolate' ? 'none' : UPDATE_NAMES[seed % UPDATE_NAMES.length]!
  const window = testWindow(seed, {
    solver: { method: methods.dopri8, rtol: 1e-13, atol: 1e-14 },
    update,
    missing: 0.2,
  })
  return { window, exact: flat(solveAdjoint(window)) }
}
const windows = {
  land: SEEDS.map(seed => windowOf(seed, 'land')),
  interpolate: SEEDS.map(seed => windowOf(seed, 'interpolate')),
}

/** Errors of the gradients in units of the tolerance, in ascending order. */
function errors(name: (typeof NAMES)[number], adjoint: AdjointName, meet: (typeof MEETINGS)[number]): number[] {
  return windows[meet]
    .map(({ window, exact }) => {
      const solver = { method: methods[name], rtol: TOLERANCE, atol: TOLERANCE, adjoint, meet }
      return relativeError(flat(solveAdjoint({ ...window, solver })), exact) / TOLERANCE
    })
    .sort((a, b) => a - b)
}

const table = NAMES.flatMap(name =>
  MEETINGS.flatMap(meet => ADJOINT_NAMES.map(adjoint => ({ name, meet, adjoint, found: errors(name, adjoint, meet) }))),
)
const show = (x: number) => x.toPrecision(2)
console.log(
  [
    `errors of gradients in tolerances of ${TOLERANCE}, median and largest of ${SEEDS.length} random windows:`,
    ...table.map(
      ({ name, meet, adjoint, found }) =>
        `${name} ${meet} ${adjoint}: ${show(found[found.length >> 1]!)}, ${show(found.at(-1)!)}`,
    ),
  ].join('\n'),
)

describe('N33, N34, N37: on random windows', () => {
  it.each(table.filter(({ meet }) => meet === 'land'))(
    '$name, landing: $adjoint keeps its promise',
    ({ name, adjoint, found }) => {
      // The dense output of kvaerno5 is a cubic: what reads between its steps is worth as much.
      const cubic = name === 'kvaerno5' && adjoint === 'interpolating'
      expect(found[found.length >> 1]).toBeLessThan(cubic ? 100 : 10)
      expect(found.at(-1)).toBeLessThan(cubic ? 1000 : 100)
    },
  )

  it.each(table.filter(({ meet }) => meet === 'interpolate'))(
    '$name, stepping over: $adjoint is as good as the dense output',
    ({ name, found }) => {
      expect(found[found.length >> 1]).toBeLessThan(name === 'kvaerno5' ? 1e5 : 100)
      expect(found.at(-1)).toBeLessThan(name === 'kvaerno5' ? 1e6 : 2000)
    },
  )
})
