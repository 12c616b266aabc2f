import { describe, expect, it } from 'vitest'
import { solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { mlp, mlpLayout, mlpShape } from '../../src/field/mlp.js'
import { squaredPathLoss } from '../../src/learn/path-loss.js'
import { TABLEAU_NAMES } from '../../src/names.js'
import { methods } from '../../src/ode/methods/index.js'
import { Random } from '../../src/random.js'
import { array, dot } from '../support/arrays.js'
import { dualSolve, dualSquares, duals } from '../support/dual.js'
import { path } from '../support/paths.js'

const shape = mlpShape({ dimension: 3, hidden: [6, 5], activation: 'tanh', time: true, skip: true })
const length = mlpLayout(shape).length
const explicit = TABLEAU_NAMES.filter(name => !methods[name].implicit)
const DIRECTIONS = 40

/**
 * ⟨∇L, v⟩ = dL along v for random directions v of start state and parameters together, dL from dual numbers through the same
 * steps: the discrete adjoint is the exact derivative of the numbers computed, to rounding.
 */
describe.each(explicit)('%s', name => {
  const method = methods[name]
  const random = new Random(11)
  const theta = array(length, () => random.normal() / 2)
  const start = Float64Array.of(0.4, -0.7, 0.2)
  // Nine steps over gaps that are multiples of the step: the same grid in both.
  const times = [0.25, 0.5, 1.25, 2.25]
  const values = times.map(() => array(3, () => random.normal()))

  const { gradient, loss } = solveAdjoint({
    field: mlp(shape, theta),
    path: path(start, times, values),
    loss: squaredPathLoss(values, [1, 1, 1, 1]),
    solver: { method, step: 0.25 },
  })

  const along = (dz: Float64Array, dtheta: Float64Array) => {
    const parameters = duals(theta, dtheta)
    let [z, from, total, change] = [duals(start, dz), 0, 0, 0]
    times.forEach((to, i) => {
      z = dualSolve(method, shape, parameters, z, { from, to, steps: Math.round((to - from) / 0.25) })
      const { x, dx } = dualSquares(z, Array.from(values[i]!))
      total += x / times.length
      change += dx / times.length
      from = to
    })
    return { total, change }
  }

  it('pulls back the transpose of its derivative, through a whole window', () => {
    for (let n = 0; n < DIRECTIONS; n++) {
      const [dz, dtheta] = [array(3, () => random.normal()), array(length, () => random.normal())]
      const { total, change } = along(dz, dtheta)
      const product = dot(gradient.start, dz) + dot(gradient.field, dtheta)
      // Library tanh against ours is the largest difference; sums of a hundred terms of size one.
      expect(Math.abs(total - loss)).toBeLessThan(1e-13 * loss)
      expect(Math.abs(product - change)).toBeLessThan(1e-13 * length)
    }
  })
})
