import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AdjointProblem, solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { gain } from '../../src/adjoint/update/gain.js'
import { closure } from '../../src/field/closure.js'
import { driven } from '../../src/field/driven.js'
import { linear } from '../../src/field/linear.js'
import { Signal } from '../../src/field/signal.js'
import { squaredPathLoss } from '../../src/learn/rules/path-loss.js'
import { ADJOINT_NAMES } from '../../src/names.js'
import { Integrator } from '../../src/ode/integrator.js'
import { methods } from '../../src/ode/methods/index.js'
import { array, relativeError } from '../support/arrays.js'
import { closeObservations } from '../support/close-observations.js'
import { differences, smoothDifferences } from '../support/finite-differences.js'
import { ulpOf } from '../support/high-precision.js'
import { linearGradients, linearWindow } from '../support/linear-window.js'
import { path } from '../support/paths.js'
import { SEED } from '../support/seed.js'
import { testWindow } from '../support/windows.js'

const SEGMENTS = 250
const RUNS = Math.ceil(100_000 / SEGMENTS / ADJOINT_NAMES.length)

/** Faults that mature tools have had where a loss meets a solution (FAULTS.md §3.5). */

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
    const parameters = Float64Array.of(r)
    const field = closure({
      dimension: 1,
      parameters,
      timeDependent: false,
      evaluate: (_t, z, dz) => dz.fill(-parameters[0]! * z[0]!),
      vjp(_t, z, a, az, atheta) {
        az[0]! -= parameters[0]! * a[0]!
        atheta[0]! -= a[0]! * z[0]!
        return 0
      },
    })
    const values = [Float64Array.of(y), Float64Array.of(0)]
    const { gradient } = solveAdjoint({
      field,
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
