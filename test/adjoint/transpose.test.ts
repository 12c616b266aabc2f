import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DiscreteAdjoint } from '../../src/adjoint/discrete.js'
import { solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { mlp, mlpLayout, mlpShape } from '../../src/field/mlp.js'
import { squaredPathLoss } from '../../src/learn/rules/path-loss.js'
import type { Precision } from '../../src/names.js'
import { TABLEAU_NAMES } from '../../src/names.js'
import { Integrator } from '../../src/ode/integrator.js'
import { methods } from '../../src/ode/methods/index.js'
import { Random } from '../../src/random.js'
import { array, dot } from '../support/arrays.js'
import { dualField, dualSolve, dualSquares, duals } from '../support/dual.js'
import { path } from '../support/paths.js'

/**
 * ⟨u, Jv⟩ = ⟨Jᵀu, v⟩ with Jv from dual numbers through the very same operations: the discrete adjoint is the exact derivative of the
 * numbers computed, to rounding, as FAULTS.md §3.4 asks. Sums are compared in units of the sum of their terms' sizes.
 */

const shape = mlpShape({ dimension: 3, hidden: [6, 5], activation: 'tanh', time: true, skip: true })
const length = mlpLayout(shape).length
const explicit = TABLEAU_NAMES.filter(name => !methods[name].implicit)
const seeds = fc.nat(2 ** 31 - 1)
const PAIRS = 1000

/** θ and z with a direction each, and u. */
function draw(seed: number) {
  const random = new Random(seed)
  const some = (n: number) => array(n, () => random.normal())
  return { theta: some(length).map(x => x / 2), dtheta: some(length), z: some(3), dz: some(3), u: some(3), random }
}

/** Σ |x_i y_i|: what a sum of products may round by, in units of ε. */
const size = (x: ArrayLike<number>, y: ArrayLike<number>) =>
  Array.from(x).reduce((sum, value, i) => sum + Math.abs(value * y[i]!), 0)

function expectTransposed(
  { u, Jv }: { u: ArrayLike<number>; Jv: ArrayLike<number> },
  pulled: readonly [Ju: Float64Array, v: Float64Array][],
  accuracy: number,
): void {
  const [product, scale] = pulled.reduce(([sum, total], [a, v]) => [sum + dot(a, v), total + size(a, v)], [0, 0])
  expect(Math.abs(product - dot(u, Jv))).toBeLessThan(accuracy * (scale + size(u, Jv)))
}

describe('N35: the transpose test', () => {
  it.each([
    ['f64', 1e-13],
    ['f32', 1e-5],
  ] as const)('of a field in %s', (precision: Precision, accuracy) => {
    fc.assert(
      fc.property(seeds, seed => {
        const { theta, dtheta, z, dz, u, random } = draw(seed)
        const t = random.normal()
        const Jv = dualField(shape, duals(theta, dtheta), t, duals(z, dz)).map(({ dx }) => dx)
        const [az, atheta] = [new Float64Array(3), new Float64Array(length)]
        const field = mlp(shape, theta, { precision })
        field.prepare?.()
        field.vjp(t, z, u, az, atheta)
        expectTransposed({ u, Jv }, [[az, dz], [atheta, dtheta]], accuracy) // biome-ignore format: pairs
      }),
      { numRuns: PAIRS },
    )
  })

  it('of one step, of every explicit method', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(...explicit), (seed, name) => {
        const method = methods[name]
        const { theta, dtheta, z, dz, u } = draw(seed)
        const end = dualSolve(method, shape, duals(theta, dtheta), duals(z, dz), { from: 0.25, to: 0.75, steps: 1 })
        const field = mlp(shape, theta)
        const integrator = new Integrator(field, { method, step: 0.5 })
        const tape = integrator.createTape()
        field.prepare?.()
        integrator.propagate(0.25, 0.75, z.slice(), tape)
        const [a, atheta] = [u.slice(), new Float64Array(length)]
        const adjoint = new DiscreteAdjoint(field, true)
        adjoint.start(tape, atheta)
        adjoint.pullTo(undefined, a)
        expectTransposed({ u, Jv: end.map(({ dx }) => dx) }, [[a, dz], [atheta, dtheta]], 1e-13) // biome-ignore format: pairs
      }),
      { numRuns: PAIRS },
    )
  })
})

describe('N30, N35: a whole window', () => {
  // Nine steps over gaps that are multiples of the step: the same grid in both.
  const times = [0.25, 0.5, 1.25, 2.25]

  it.each(explicit)('of %s has the derivative of the numbers computed, along any direction', name => {
    const method = methods[name]
    fc.assert(
      fc.property(seeds, seed => {
        const { theta, dtheta, z, dz, random } = draw(seed)
        const values = times.map(() => array(3, () => random.normal()))
        const { gradient, loss } = solveAdjoint({
          field: mlp(shape, theta),
          path: path(z, times, values),
          loss: squaredPathLoss(values, [1, 1, 1, 1]),
          solver: { method, step: 0.25 },
        })
        const parameters = duals(theta, dtheta)
        let [state, from, total, change] = [duals(z, dz), 0, 0, 0]
        times.forEach((to, i) => {
          state = dualSolve(method, shape, parameters, state, { from, to, steps: Math.round((to - from) / 0.25) })
          const { x, dx } = dualSquares(state, Array.from(values[i]!))
          total += x / times.length
          change += dx / times.length
          from = to
        })
        // Library tanh against ours is the largest difference.
        expect(Math.abs(total - loss)).toBeLessThan(1e-13 * loss)
        const start = Float64Array.from(gradient.start)
        expectTransposed({ u: [1], Jv: [change] }, [[start, dz], [gradient.field, dtheta]], 1e-13) // biome-ignore format: pairs
      }),
      { numRuns: Math.ceil(PAIRS / explicit.length) },
    )
  })
})
