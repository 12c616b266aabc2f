import { expect, it } from 'vitest'
import { solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { closure } from '../../src/field/closure.js'
import { linear } from '../../src/field/linear.js'
import { squaredPathLoss } from '../../src/learn/rules/path-loss.js'
import { methods } from '../../src/ode/methods/index.js'
import { array, relativeError } from '../support/arrays.js'
import { path } from '../support/paths.js'

/** Faults that mature tools have had where a loss meets a solution (FAULTS.md §3.5). */

it('R2 (SUNDIALS #49): pulling back needs no second forward pass, so that no grid can differ', () => {
  let count = 0
  const inner = linear(2, Float64Array.of(-0.1, 2, -2, -0.1))
  const field = {
    ...inner,
    evaluate(t: number, z: Float64Array, dz: Float64Array) {
      count++
      inner.evaluate(t, z, dz)
    },
  }
  const values = [Float64Array.of(0, 0), Float64Array.of(1, 1)]
  const solution = solveAdjoint({
    field,
    path: path(Float64Array.of(2, 0), [1, 3], values),
    loss: squaredPathLoss(values, [1, 1]),
    solver: { method: methods.dopri5 },
  })
  // Three more are a·f at the two observations and at the start.
  expect(count).toBe(solution.evaluations.forward + 3)
})

it('R4 (AMICI #3274): a kink of f beside an observation costs no accuracy', () => {
  // z' = −k z³ + |t − c| with c a little off the hundredth observation of two hundred.
  const times = array(200, i => (i + 1) / 100)
  const gradientOf = (kink: number, tolerance: number, stops: Float64Array) => {
    const parameters = Float64Array.of(0.8)
    const field = closure({
      dimension: 1,
      parameters,
      evaluate: (t, [z], dz) => dz.fill(-parameters[0]! * z! ** 3 + Math.abs(t - kink)),
      vjp(t, [z], a, az, atheta) {
        az[0]! -= 3 * parameters[0]! * z! * z! * a[0]!
        atheta[0]! -= z! ** 3 * a[0]!
        return Math.sign(kink - t) * -a[0]!
      },
    })
    const observed = new Set(times)
    const { gradient } = solveAdjoint({
      field,
      path: path(
        Float64Array.of(3),
        stops,
        Array.from(stops, () => Float64Array.of(0)),
      ),
      loss: {
        value: (i, z) => (observed.has(stops[i]!) ? z[0]! ** 2 : 0),
        inject: (i, z, a) => {
          if (observed.has(stops[i]!)) a[0]! += 2 * z[0]!
        },
      },
      solver: { method: methods.dopri5, rtol: tolerance, atol: tolerance },
    })
    return [...gradient.start, ...gradient.field]
  }
  const errorWith = (kink: number) => {
    const exact = gradientOf(kink, 1e-13, Float64Array.of(...times, kink).sort())
    return relativeError(gradientOf(kink, 1e-7, times), exact)
  }
  const without = errorWith(2)
  for (const off of [1e-9, 1e-6, 1e-4, 1e-3]) expect(errorWith(1 + off), `${off}`).toBeLessThan(10 * without)
})
