import { describe, expect, it } from 'vitest'
import { solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { closure } from '../../src/field/closure.js'
import { linear } from '../../src/field/linear.js'
import { squaredPathLoss } from '../../src/learn/rules/path-loss.js'
import { ADJOINT_NAMES } from '../../src/names.js'
import { methods } from '../../src/ode/methods/index.js'
import { relativeError } from '../support/arrays.js'
import { differences, smoothDifferences } from '../support/finite-differences.js'
import { linearGradients, linearWindow } from '../support/linear-window.js'
import { path } from '../support/paths.js'
import { testWindow } from '../support/windows.js'

describe('gradients that have to be exactly zero', () => {
  it('N39, N40: an unused parameter, and everything when no loss has weight', () => {
    const used = linear(2, Float64Array.of(-0.1, 2, -2, -0.1))
    const parameters = Float64Array.of(...used.parameters, 7)
    const field = closure({
      dimension: 2,
      parameters,
      evaluate: used.evaluate,
      vjp: (t, z, a, az, atheta) => used.vjp(t, z, a, az, atheta.subarray(0, 4)),
    })
    for (const adjoint of ADJOINT_NAMES) {
      const window = linearWindow({ method: methods.dopri5, adjoint })
      const values = [Float64Array.of(0, 1)]
      const { gradient } = solveAdjoint({
        field,
        path: path(Float64Array.of(1, 2), [2], values),
        loss: squaredPathLoss(values, [1]),
        solver: { method: methods.dopri5, adjoint },
      })
      expect(gradient.field[4]).toBe(0)
      const weightless = squaredPathLoss(
        Array.from({ length: window.path.length }, (_, i) => window.path.observed(i)),
        new Array<number>(window.path.length).fill(0),
      )
      const none = solveAdjoint({ ...window, loss: weightless })
      expect([...none.gradient.start, ...none.gradient.field, ...none.gradient.times].every(x => x === 0)).toBe(true)
    }
    expect(linearGradients().times).toHaveLength(5)
  })
})

describe('gradients by what was observed', () => {
  it.each(['none', 'replace', 'gain', 'gru'] as const)('agree with differences: update %s', update => {
    const window = testWindow(5, { solver: { method: methods.dopri5, step: 0.2 }, update, missing: 0.3 })
    const { gradient } = solveAdjoint(window)
    window.path.values.forEach((y, i) => {
      const expected = differences(() => solveAdjoint(window).loss, y)
      y.forEach((value, c) => {
        if (Number.isNaN(value)) expect(gradient.observed[i]![c]).toBe(0)
        else expect(Math.abs(gradient.observed[i]![c]! - expected[c]!)).toBeLessThan(1e-8)
      })
    })
  })

  it('N36: by times, for every update map and every way to meet observations', () => {
    for (const [update, meet] of [
      ['none', 'interpolate'],
      ['none', 'land'],
      ['replace', 'land'],
      ['gain', 'land'],
      ['gru', 'land'],
    ] as const) {
      const window = testWindow(6, {
        solver: { method: methods.dopri8, rtol: 1e-13, atol: 1e-14, meet },
        update,
        times: [0.7, 1.1, 1.9, 2.3],
      })
      const { gradient } = solveAdjoint(window)
      // Steps move with the times: differences see the tolerance over their width, 1e-13/3e-3.
      const loss = () => solveAdjoint(window).loss
      expect(
        relativeError(gradient.times, smoothDifferences(loss, window.path.times)),
        `${update}, ${meet}`,
      ).toBeLessThan(1e-8)
      const start = Float64Array.of(window.path.startTime)
      const byStart = smoothDifferences(
        () => solveAdjoint({ ...window, path: { ...window.path, startTime: start[0]! } }).loss,
        start,
      )
      expect(Math.abs(gradient.startTime - byStart[0]!), `${update}, ${meet}`).toBeLessThan(1e-8)
    }
  })
})
