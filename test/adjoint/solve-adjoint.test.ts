import { describe, expect, it } from 'vitest'
import { solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { type JumpVisitor, Sweep } from '../../src/adjoint/sweep.js'
import { methods } from '../../src/ode/methods/index.js'
import { bits, dot, largest, relativeError } from '../support/arrays.js'
import { randomMlp } from '../support/fields.js'
import { gradients, lossOf, testWindow } from '../support/windows.js'

const tight = { method: methods.tsit5, rtol: 1e-10, atol: 1e-12 }
const fixed = { method: methods.tsit5, step: 0.1 }

/** ∂L/∂t by differences of fourth order: a wide step keeps the solver's 1e-10 from being divided by a tiny number. */
function slopeOf(loss: (change: number) => number): number {
  const h = 2e-3
  return (8 * (loss(h) - loss(-h)) - (loss(2 * h) - loss(-2 * h))) / (12 * h)
}

describe.each(['none', 'replace', 'gain'] as const)('gradients by times, update %s', update => {
  const apart = [0.6, 0.8, 1.1, 1.4, 1.7, 1.85, 2.6]
  const window = testWindow(1, { solver: tight, update, times: apart, missing: 0.3 })
  const { gradient } = solveAdjoint(window)

  it('agree with moving one observation', () => {
    const byDifferences = apart.map((t, i) => {
      const slope = slopeOf(change => {
        window.path.times[i] = t + change
        return lossOf(window)
      })
      window.path.times[i] = t
      return slope
    })
    // Solver noise 1e-10 over a step of 2e-3, and h⁴ = 2e-11 of truncation.
    expect(relativeError(gradient.times, byDifferences)).toBeLessThan(1e-6)
  })

  it('agree with moving the start', () => {
    const byDifferences = slopeOf(change => lossOf({ ...window, path: { ...window.path, startTime: 0.5 + change } }))
    // As above.
    expect(Math.abs(gradient.startTime - byDifferences)).toBeLessThan(1e-6 * Math.max(1, Math.abs(byDifferences)))
  })

  it('add up to zero for a field that does not depend on time: only gaps matter', () => {
    const still = testWindow(1, { solver: tight, update, field: randomMlp(4, { skip: true }), times: apart })
    const { startTime, times } = solveAdjoint(still).gradient
    const sum = times.reduce((total, slope) => total + slope, startTime)
    // An identity of the exact solution: rtol, times some ten steps and the size of the terms.
    expect(Math.abs(sum)).toBeLessThan(1e-8 * largest([startTime, ...times]))
  })
})

describe('where the adjoint comes from', () => {
  const autonomous = testWindow(2, { solver: tight, field: randomMlp(4, { skip: true }) })

  it('it is zero behind the last observation, and the first jump is the slope of its loss', () => {
    const { jumps, states } = solveAdjoint(autonomous)
    const { t, before, jump } = jumps[0]!
    expect(t).toBe(2.6)
    expect(before).toEqual([0, 0, 0])
    const z = states.at(-1)!
    const { values, length } = autonomous.path
    const slope = [0, 1].map(c => (2 * autonomous.weights.at(-1)! * (z[c]! - values.at(-1)![c]!)) / length)
    // Products in another order.
    expect(relativeError(jump, [...slope, 0])).toBeLessThan(1e-15)
  })

  it('it is not constant between observations', () => {
    const { jumps } = solveAdjoint(autonomous)
    for (let n = 1; n < jumps.length; n++) {
      const [later, earlier] = [jumps[n - 1]!, jumps[n]!]
      expect(largest(later.after.map((x, i) => x - earlier.before[i]!))).toBeGreaterThan(1e-3)
    }
  })

  it.each(['none', 'gain', 'replace'] as const)(
    'its product with f is, when f does not depend on time: update %s',
    name => {
      const { path, solver, field, update } = testWindow(2, { solver: tight, field: autonomous.field, update: name })
      const sweep = new Sweep(field, update!, solver)
      sweep.forward(path)
      const slope = new Float64Array(3)
      const along = (z: Float64Array, a: Float64Array) => {
        field.evaluate(0, z, slope)
        return dot(slope, a)
      }
      const products: { right: number; left: number }[] = []
      const visitor: JumpVisitor = {
        before: (i, a) => products.push({ right: along(sweep.after(i), a), left: 0 }),
        after: (i, a) => {
          products.at(-1)!.left = along(sweep.before(i), a)
        },
      }
      const gradient = { field: new Float64Array(field.parameters.length), update: new Float64Array(6) }
      const inject = autonomous.loss.inject.bind(autonomous.loss)
      const start = sweep.backward(inject, gradient, visitor)
      const scale = largest(products.flatMap(({ left, right }) => [left, right]))
      for (let n = 1; n < products.length; n++)
        // Constant for the exact solution: rtol, times a few steps a stretch.
        expect(Math.abs(products[n]!.right - products[n - 1]!.left)).toBeLessThan(1e-8 * scale)
      expect(Math.abs(along(path.startState, start) - products.at(-1)!.left)).toBeLessThan(1e-8 * scale)
    },
  )

  it('without losses it stays exactly zero', () => {
    const unobserved = testWindow(3, { solver: tight, missing: 1, update: 'gain' })
    const solution = solveAdjoint(unobserved)
    expect(solution.loss).toBe(0)
    expect(gradients(solution).every(x => x === 0)).toBe(true)
    expect(solution.gradient.times.every(x => x === 0)).toBe(true)
  })
})

describe('the result', () => {
  it('counts what it cost', () => {
    const { evaluations } = solveAdjoint(testWindow(1, { solver: fixed }))
    // Fixed steps of at most 0.1 over the gaps 0, 0.3, 0.3, 0, 0.6, 0.15 and 0.75.
    const steps = 3 + 3 + 6 + 2 + 8
    expect(evaluations).toEqual({ forward: steps * 6 + 5, backward: steps * 6 })
  })

  it('has one jump for simultaneous observations, with all of their slopes', () => {
    const window = testWindow(1, { solver: fixed })
    const { jumps, states } = solveAdjoint(window)
    expect(jumps.map(jump => jump.t)).toEqual([2.6, 1.85, 1.7, 1.1, 0.8, 0.5])
    const sum = new Float64Array(3)
    for (const i of [2, 3]) window.loss.inject(i, Float64Array.from(states[i]!), sum)
    // The jump is a difference of two adjoints.
    expect(relativeError(jumps[3]!.jump, sum)).toBeLessThan(1e-14)
  })

  it('of a solve that breaks off is that of the observations it reached', () => {
    const window = testWindow(1, { solver: { ...fixed, maxSteps: 7 } })
    const { outcome, states, gradient } = solveAdjoint(window)
    expect(outcome.kind).toBe('budget-spent') // eight steps lead to the last observation
    expect(states.length).toBe(6)
    const reached = { ...window, path: { ...window.path, length: 6 } }
    expect(bits(gradients(solveAdjoint(reached)))).toBe(bits(gradients({ gradient } as never)))
  })

  it('throws when times go back', () => {
    const back = testWindow(1, { solver: fixed, times: [0.6, 0.7, 0.65] })
    expect(() => solveAdjoint(back)).toThrow(expect.objectContaining({ code: 'TIME_NOT_MONOTONE' }))
    const beforeStart = testWindow(1, { solver: fixed, times: [0.4] })
    expect(() => solveAdjoint(beforeStart)).toThrow(expect.objectContaining({ code: 'TIME_NOT_MONOTONE' }))
  })
})
