import { describe, expect, it } from 'vitest'
import { solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { gain } from '../../src/adjoint/update/gain.js'
import { closure } from '../../src/field/closure.js'
import { driven } from '../../src/field/driven.js'
import { Signal } from '../../src/field/signal.js'
import { squaredPathLoss } from '../../src/learn/rules/path-loss.js'
import { ADJOINT_NAMES } from '../../src/names.js'
import { Integrator } from '../../src/ode/integrator.js'
import { methods } from '../../src/ode/methods/index.js'
import { relativeError } from '../support/arrays.js'
import { decay } from '../support/fields.js'
import { differences } from '../support/finite-differences.js'
import { path } from '../support/paths.js'

describe('R3 (SUNDIALS #81) and R5 (AMICI #3258): a state that jumps', () => {
  it('is predicted and scored before the jump, and flows on after it', () => {
    // z' = 0: all that happens are the jumps, z⁺ = z + K (y − z) with K = ½.
    const field = closure({ dimension: 1, timeDependent: false, evaluate: (_t, _z, dz) => dz.fill(0) })
    const values = [Float64Array.of(1), Float64Array.of(3)]
    const { states, loss, gradient } = solveAdjoint({
      field,
      update: gain(1, 1, Float64Array.of(0.5)),
      path: path(Float64Array.of(0), [1, 2], values),
      loss: squaredPathLoss(values, [1, 1]),
      solver: { method: methods.rk4, step: 1 },
    })
    expect(states).toEqual([[0], [0.5]])
    expect(loss).toBe((1 + 2.5 ** 2) / 2)
    // L = ((z − 1)² + (z/2 + ½ − 3)²)/2: the slope by z at 0 is (2(−1) + 2(−2.5)/2)/2.
    expect(gradient.start).toEqual([-2.25])
  })

  it('has jump terms of the state before the jump: a state-dependent jump against its closed form', () => {
    // z' = −r z, z⁺ = z⁻ + K (y − z⁻): everything is linear in z₀ and smooth in r and K.
    const [r, K, y, z0] = [0.7, 0.3, 2, 1.5]
    const values = [Float64Array.of(y), Float64Array.of(0)]
    const { gradient } = solveAdjoint({
      field: decay(r),
      update: gain(1, 1, Float64Array.of(K)),
      path: path(Float64Array.of(z0), [1, 2], values),
      // Only the second observation has a loss, which is its square.
      loss: squaredPathLoss(values, [0, 2]),
      solver: { method: methods.dopri8, rtol: 1e-13, atol: 1e-14 },
    })
    const e = Math.exp(-r)
    const before = z0 * e
    const after = before + K * (y - before)
    const end = after * e
    expect(relativeError(gradient.start, [2 * end * e * (1 - K) * e])).toBeLessThan(1e-10)
    expect(relativeError(gradient.field, [2 * end * (-after * e - (1 - K) * before * e)])).toBeLessThan(1e-10)
    expect(relativeError(gradient.update, [2 * end * e * (y - before)])).toBeLessThan(1e-10)
  })
})

describe('R6: a field that jumps at an observation', () => {
  /** A known input that is held, and changes just when an observation comes. */
  const signal = new Signal({ channels: 1 })
  signal.push(0, Float64Array.of(1))
  signal.push(1, Float64Array.of(-3))
  const parameters = Float64Array.of(0.8, 0.5)
  const field = driven(
    {
      inputs: 2,
      outputs: 1,
      parameters,
      timeDependent: false,
      evaluate(_t, x, y) {
        y[0] = -parameters[0]! * x[0]! + parameters[1]! * x[1]!
      },
      vjp(_t, x, a, ax, atheta) {
        ax[0]! -= parameters[0]! * a[0]!
        ax[1]! += parameters[1]! * a[0]!
        atheta[0]! -= x[0]! * a[0]!
        atheta[1]! += x[1]! * a[0]!
        return 0
      },
    },
    signal,
  )
  const exact = (t: number) => {
    const [k, b] = [parameters[0]!, parameters[1]!]
    const until = (z: number, u: number, dt: number) => z * Math.exp(-k * dt) + ((b * u) / k) * (1 - Math.exp(-k * dt))
    return t <= 1 ? until(2, 1, t) : until(until(2, 1, 1), -3, t - 1)
  }

  it.each(['dopri5', 'tsit5', 'bosh3', 'rk4', 'dopri8', 'kvaerno3'] as const)(
    '%s does not carry a slope over the jump, nor look over it',
    name => {
      const z = Float64Array.of(2)
      const integrator = new Integrator(field, { method: methods[name], step: 0.05, rtol: 1e-12, atol: 1e-12 })
      // h to the order, with h = 0.05 and rates near one.
      const tolerance = 0.05 ** methods[name].order / 10
      integrator.propagate(0, 1, z)
      expect(Math.abs(z[0]! - exact(1))).toBeLessThan(tolerance)
      integrator.propagate(1, 2, z)
      expect(Math.abs(z[0]! - exact(2))).toBeLessThan(tolerance)
    },
  )

  it.each(ADJOINT_NAMES)('%s has its gradient', adjoint => {
    const values = [Float64Array.of(0), Float64Array.of(1)]
    const problem = {
      field,
      path: path(Float64Array.of(2), [1, 2], values),
      loss: squaredPathLoss(values, [1, 1]),
      solver: { method: methods.dopri5, rtol: 1e-10, atol: 1e-12, adjoint },
    }
    const { gradient } = solveAdjoint(problem)
    const loss = () => values.reduce((sum, y, i) => sum + (exact(i + 1) - y[0]!) ** 2 / 2, 0)
    expect(relativeError(gradient.field, differences(loss, parameters))).toBeLessThan(1e-8)
  })
})
