import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { solveAdjoint, sweepAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { Sweep } from '../../src/adjoint/sweep.js'
import { squaredPathLoss } from '../../src/learn/rules/path-loss.js'
import { methods } from '../../src/ode/methods/index.js'
import { Random } from '../../src/random.js'
import { array, bits, relativeError } from '../support/arrays.js'
import { randomMlp } from '../support/fields.js'
import { path } from '../support/paths.js'
import { SCALE } from '../support/seed.js'
import { gradients, type TestWindow, testWindow } from '../support/windows.js'

const fixed = { method: methods.tsit5, step: 0.1 }
const tight = { method: methods.tsit5, rtol: 1e-10, atol: 1e-12 }
const seeds = fc.nat(1e6)

/** The same window with these observations of it, in this order. */
function rearranged(window: TestWindow, order: readonly number[], weights = window.weights): TestWindow {
  const { startState, startTime, times, values } = window.path
  const [t, y, w] = [order.map(i => times[i]!), order.map(i => values[i]!), order.map(i => weights[i]!)]
  // N of the loss is the number of observations: the weights keep what each of them counts.
  const scaled = w.map(weight => (weight * order.length) / window.weights.length)
  return { ...window, path: path(startState, t, y, startTime), loss: squaredPathLoss(y, scaled), weights: scaled }
}

describe('laws of the sweep', () => {
  it('M1: an observation of weight zero changes nothing', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 51, max: 259 }), (seed, n) => {
        const window = testWindow(seed, { solver: tight })
        const random = new Random(seed)
        const t = n / 100
        const times = [...window.path.times, t].sort((a, b) => a - b)
        const at = times.indexOf(t)
        const values = window.path.values.toSpliced(
          at,
          0,
          array(2, () => random.normal()),
        )
        const weights = window.weights.map(w => (w * 8) / 7).toSpliced(at, 0, 0)
        const more = solveAdjoint({
          ...window,
          path: path(window.path.startState, times, values, 0.5),
          loss: squaredPathLoss(values, weights),
        })
        const less = solveAdjoint(window)
        // It ends a step there, so that the grid is another: ten times rtol, over some ten steps.
        expect(relativeError(gradients(more), gradients(less))).toBeLessThan(1e-8)
        expect(relativeError(more.gradient.times.toSpliced(at, 1), less.gradient.times)).toBeLessThan(1e-8)
      }),
      { numRuns: 30 * SCALE },
    )
  })

  it('an observation without values changes nothing either, in any update map', () => {
    for (const update of ['none', 'replace', 'gain'] as const) {
      const window = testWindow(5, { solver: tight, update })
      const nothing = new Float64Array(2).fill(Number.NaN)
      const times = window.path.times.toSorted()
      const values = [...window.path.values.slice(0, 3), nothing, ...window.path.values.slice(3)]
      const weights = [...window.weights.slice(0, 3), 1e9, ...window.weights.slice(3)].map(w => (w * 8) / 7)
      const more = solveAdjoint({
        ...window,
        path: path(window.path.startState, [...times.slice(0, 3), 1.1, ...times.slice(3)], values, 0.5),
        loss: squaredPathLoss(values, weights),
      })
      // At a time where a step ends anyway: the same steps, sums rounded otherwise.
      expect(relativeError(gradients(more), gradients(solveAdjoint(window)))).toBeLessThan(1e-13)
    }
  })

  it('M3: simultaneous observations may come in any order', () => {
    fc.assert(
      fc.property(seeds, seed => {
        const window = testWindow(seed, { solver: tight })
        const [one, other] = [solveAdjoint(window), solveAdjoint(rearranged(window, [0, 1, 3, 2, 4, 5, 6]))]
        // Two slopes are added in another order.
        expect(relativeError(gradients(other), gradients(one))).toBeLessThan(1e-13)
        expect(relativeError([other.loss], [one.loss])).toBeLessThan(1e-14)
      }),
    )
  })

  it('M2, M7: the gradient is linear in the weights of the losses, and halves exactly', () => {
    fc.assert(
      fc.property(seeds, seed => {
        const window = testWindow(seed, { solver: fixed, update: 'gain' })
        const { values } = window.path
        const of = (weights: number[]) => gradients(solveAdjoint({ ...window, loss: squaredPathLoss(values, weights) }))
        const [u, v] = [window.weights, window.weights.toReversed()]
        const sum = of(u.map((w, i) => 2 * w - 3 * v[i]!))
        const parts = of(u).map((x, i) => 2 * x - 3 * of(v)[i]!)
        // The same steps; sums of some hundred terms.
        expect(relativeError(sum, parts)).toBeLessThan(1e-12)
        expect(bits(of(u.map(w => w / 2)).map(x => 2 * x))).toBe(bits(of(u)))
      }),
      { numRuns: 20 * SCALE },
    )
  })

  it('F21: a value that is missing never leaks', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom('none', 'replace', 'gain'), (seed, update) => {
        const window = testWindow(seed, { solver: fixed, update, missing: 0.5 })
        const { loss, gradient, states, jumps } = solveAdjoint(window)
        const all = [loss, gradient.startTime, ...gradient.times, ...states.flat(), ...jumps.flatMap(j => j.after)]
        expect(all.every(Number.isFinite)).toBe(true)
        expect(gradients({ gradient } as never).every(Number.isFinite)).toBe(true)
      }),
    )
  })
})

describe('a sweep', () => {
  it('that is used again gives the same bits as a new one', () => {
    const [one, other] = [testWindow(1, { solver: fixed, update: 'gain' }), testWindow(2, { solver: fixed })]
    const sweep = new Sweep(one.field, one.update!, fixed)
    const first = gradients(sweepAdjoint(sweep, one.path, one.loss))
    sweepAdjoint(sweep, { ...other.path, length: 3 }, other.loss)
    expect(bits(gradients(sweepAdjoint(sweep, one.path, one.loss)))).toBe(bits(first))
    expect(bits(first)).toBe(bits(gradients(solveAdjoint(one))))
  })

  it('can be pulled back as often as wanted, and adds to the gradient', () => {
    const { field, update, path: observed, loss } = testWindow(1, { solver: fixed, update: 'gain' })
    const sweep = new Sweep(field, update!, fixed)
    sweep.forward(observed)
    const gradient = { field: new Float64Array(field.parameters.length), update: new Float64Array(6) }
    const start = Array.from(sweep.backward(loss.inject, gradient))
    const once = gradient.field.slice()
    expect(Array.from(sweep.backward(loss.inject, gradient))).toEqual(start)
    // Sums in another order.
    expect(
      relativeError(
        gradient.field,
        once.map(x => 2 * x),
      ),
    ).toBeLessThan(1e-14)
  })

  it('shows the state on both sides of every jump', () => {
    const { field, update, path: observed } = testWindow(1, { solver: fixed, update: 'replace' })
    const sweep = new Sweep(field, update!, fixed)
    sweep.forward(observed)
    expect(sweep.length).toBe(7)
    expect(Array.from(sweep.before(0))).toEqual(Array.from(observed.startState))
    for (let i = 0; i < 7; i++) {
      expect(sweep.observed(i)).toBe(observed.values[i])
      expect(Array.from(sweep.after(i))).toEqual([...observed.values[i]!, sweep.before(i)[2]])
    }
  })

  it('M10: of a window cut in two gives the same gradient, when the adjoint is carried over', () => {
    fc.assert(
      fc.property(seeds, fc.nat(5), fc.constantFrom('dopri5', 'tsit5', 'rk4', 'bosh3', 'dopri8'), (seed, cut, name) => {
        const solver = { method: methods[name], step: 0.1 }
        const { field, update, path: whole, loss } = testWindow(seed, { solver })
        const sweep = new Sweep(field, update!, solver)
        sweep.forward(whole)
        const total = { field: new Float64Array(field.parameters.length), update: new Float64Array(0) }
        const start = Array.from(sweep.backward(loss.inject, total))

        const parts = { ...total, field: new Float64Array(total.field.length) }
        const late = new Sweep(field, update!, solver)
        late.forward({
          startTime: whole.time(cut),
          startState: sweep.after(cut).slice(),
          length: whole.length - cut - 1,
          time: i => whole.time(i + cut + 1),
          observed: i => whole.observed(i + cut + 1),
        })
        const carried = late.backward((i, z, a) => loss.inject(i + cut + 1, z, a), parts).slice()
        const early = new Sweep(field, update!, solver)
        early.forward({ ...whole, length: cut + 1 })
        const inject = (i: number, z: Float64Array, a: Float64Array) => {
          if (i === cut) for (let j = 0; j < a.length; j++) a[j]! += carried[j]!
          loss.inject(i, z, a)
        }
        const joined = early.backward(inject, parts)
        // Observations at one time are summed in another order when the cut is between them.
        if (whole.time(cut) < whole.time(cut + 1)) expect(bits(joined)).toBe(bits(start))
        else expect(relativeError(joined, start)).toBeLessThan(1e-14)
        // The parts of the parameters' gradient are summed in another order.
        expect(relativeError(parts.field, total.field)).toBeLessThan(1e-13)
      }),
    )
  })

  it('of an empty path does nothing', () => {
    const field = randomMlp(1)
    const { loss, gradient } = solveAdjoint({
      ...testWindow(1, { solver: fixed, field }),
      path: path(new Float64Array(3), [], []),
    })
    expect([loss, ...gradient.start, ...gradient.field].every(x => x === 0)).toBe(true)
  })
})
