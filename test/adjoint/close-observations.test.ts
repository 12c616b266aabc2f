import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AdjointProblem, solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { linear } from '../../src/field/linear.js'
import { squaredPathLoss } from '../../src/learn/rules/path-loss.js'
import { ADJOINT_NAMES } from '../../src/names.js'
import { methods } from '../../src/ode/methods/index.js'
import { relativeError } from '../support/arrays.js'
import { closeObservations } from '../support/close-observations.js'
import { ulpOf } from '../support/high-precision.js'
import { path } from '../support/paths.js'
import { SEED } from '../support/seed.js'

const SEGMENTS = 250
const RUNS = Math.ceil(100_000 / SEGMENTS / ADJOINT_NAMES.length)

describe('R1 (SUNDIALS #31), F64: observations one unit in the last place apart', () => {
  const gaps = fc.oneof(
    fc.integer({ min: 0, max: 40 }).map(n => 2 ** (n - 52)),
    fc.integer({ min: 1, max: 999 }).map(n => n / 1000),
  )

  it.each(ADJOINT_NAMES)('%s: every gradient stays finite, and that of the same observations at one time', adjoint => {
    fc.assert(
      fc.property(fc.array(gaps, { minLength: 1, maxLength: 6 }), widths => {
        let t = 1
        const times = widths.map(width => (t += width))
        const values = times.map((_, i) => Float64Array.of(Math.sin(i), Math.cos(i)))
        const problem = (at: number[]): AdjointProblem => ({
          field: linear(2, Float64Array.of(-0.1, 2, -2, -0.1)),
          path: path(Float64Array.of(1, 0.5), at, values),
          loss: squaredPathLoss(
            values,
            at.map(() => 1),
          ),
          solver: { method: methods.dopri5, rtol: 1e-9, atol: 1e-11, adjoint },
        })
        const { gradient } = solveAdjoint(problem(times))
        expect([...gradient.start, ...gradient.field, ...gradient.times].every(Number.isFinite)).toBe(true)
        // Gaps below a billionth may as well be none.
        const merged = times.map((time, i) => (i > 0 && widths[i]! < 1e-9 ? Number.NaN : time))
        merged.forEach((time, i) => {
          if (Number.isNaN(time)) merged[i] = merged[i - 1]!
        })
        const expected = solveAdjoint(problem(merged)).gradient
        expect(relativeError(gradient.start, expected.start)).toBeLessThan(1e-7)
        expect(relativeError(gradient.field, expected.field)).toBeLessThan(1e-7)
      }),
      { numRuns: 200 },
    )
  })

  it.each(ADJOINT_NAMES)('%s: gaps from one unit in the last place to a billionth cost no accuracy', adjoint => {
    expect(closeObservations(adjoint, 20, SEED)).toBeLessThanOrEqual(1e-8)
  })

  /** Of a path that starts far from zero: most gaps a few units in the last place, some that the solution moves in. */
  const far = fc.tuple(
    fc.constantFrom(0, 1, 1000.1, 1.7e9),
    fc.array(fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -8, max: 0 }) }, fc.integer({ min: 1, max: 99 })), {
      minLength: SEGMENTS,
      maxLength: SEGMENTS,
    }),
  )

  it.each(ADJOINT_NAMES)('R1: %s: a hundred thousand segments in all, wherever time starts', adjoint => {
    const field = linear(2, Float64Array.of(-0.1, 2, -2, -0.1))
    fc.assert(
      fc.property(far, ([startTime, widths]) => {
        let t = startTime
        // Negative: units in the last place. Positive: hundredths.
        const times = widths.map(width => (t += width > 0 ? width / 100 : -width * ulpOf(t)))
        const values = times.map((_, i) => Float64Array.of(Math.sin(i), Math.cos(i)))
        const weights = times.map(() => 1)
        const problem = { field, path: path(Float64Array.of(1, 0.5), times, values, startTime), loss: squaredPathLoss(values, weights) } // biome-ignore format: one thing
        const { gradient } = solveAdjoint({
          ...problem,
          solver: { method: methods.dopri5, rtol: 1e-9, atol: 1e-11, adjoint },
        })
        const expected = solveAdjoint({
          ...problem,
          solver: { method: methods.dopri8, rtol: 1e-12, atol: 1e-13 },
        }).gradient
        expect([...gradient.times, gradient.startTime].every(Number.isFinite)).toBe(true)
        // A hundred tolerances, for backsolve.
        expect(relativeError(gradient.start, expected.start)).toBeLessThan(1e-7)
        expect(relativeError(gradient.field, expected.field)).toBeLessThan(1e-7)
      }),
      { numRuns: RUNS, endOnFailure: true },
    )
  })
})
