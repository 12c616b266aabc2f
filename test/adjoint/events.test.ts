import { describe, expect, it } from 'vitest'
import type { EventDefinition } from '../../src/adjoint/events.js'
import { solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { none } from '../../src/adjoint/update/none.js'
import { closure } from '../../src/field/closure.js'
import { squaredPathLoss } from '../../src/learn/rules/path-loss.js'
import { ADJOINT_NAMES } from '../../src/names.js'
import { methods } from '../../src/ode/methods/index.js'
import { describeOutcome } from '../../src/ode/outcome.js'
import { array, relativeError } from '../support/arrays.js'
import { bounce, fallingBall } from '../support/bouncing-ball.js'
import { decay } from '../support/fields.js'
import { differences } from '../support/finite-differences.js'
import { path } from '../support/paths.js'

const TIGHT = { method: methods.tsit5, rtol: 1e-10, atol: 1e-12 }

/** A ball dropped from height h hits the ground first after √(2h/g), then after bounces of 2 e^k √(2h/g) each. */
const impact = (h: number, g: number, e: number, k: number) => {
  const first = Math.sqrt((2 * h) / g)
  let t = first
  for (let n = 1; n <= k; n++) t += 2 * e ** n * first
  return t
}

describe('a bouncing ball', () => {
  const [g, e] = [9.81, 0.8]
  const observed = (times: readonly number[], height: number, solver = TIGHT) => {
    const field = fallingBall(Float64Array.of(g))
    const event = bounce(Float64Array.of(e))
    const values = times.map(() => Float64Array.of(0.3))
    const start = Float64Array.of(height, 0)
    const problem = {
      field,
      path: path(start, times, values),
      loss: squaredPathLoss(
        values,
        times.map(() => 1),
      ),
      solver: { ...solver, events: [event] },
    }
    return { problem, start, field, event, solution: solveAdjoint(problem) }
  }

  it('bounces when its closed form says, to the last digits, also when steps are far longer than its flight', () => {
    const { solution } = observed([3.9], 1)
    expect(solution.outcome.kind).toBe('reached')
    const expected = array(solution.events.length, k => impact(1, g, e, k))
    expect(solution.events.length).toBeGreaterThan(7)
    expect(
      relativeError(
        solution.events.map(({ t }) => t),
        expected,
      ),
    ).toBeLessThan(1e-12)
  })

  it.each(ADJOINT_NAMES)('%s: gradients by height, gravity and restitution go through every bounce', adjoint => {
    const { solution, problem, start, field, event } = observed([0.2, 0.9, 1.6, 2.2], 1, { ...TIGHT, adjoint } as never)
    expect(solution.events.length).toBeGreaterThan(2)
    const loss = () => solveAdjoint(problem).loss
    // Event times move with what is changed, and with them the tolerance of 1e-10 over the width of 1e-5.
    expect(relativeError(solution.gradient.start, differences(loss, start, 1e-5))).toBeLessThan(1e-6)
    expect(relativeError(solution.gradient.field, differences(loss, field.parameters, 1e-5))).toBeLessThan(1e-6)
    expect(relativeError(solution.gradient.events[0]!, differences(loss, event.reset!.parameters, 1e-5))).toBeLessThan(
      1e-6,
    )
    expect(relativeError(solution.gradient.times, differences(loss, problem.path.times, 1e-5))).toBeLessThan(1e-6)
  })

  it('that comes to rest ends in an outcome, not in a loop', () => {
    const { solution } = observed([10], 1)
    expect(solution.outcome.kind).toBe('events-accumulate')
    expect(describeOutcome(solution.outcome)).toMatch(/[0-9]+ events .* terminal event/)
    // Zeno's time, but for what rounding leaves of the last bounces.
    expect((solution.outcome as { t: number }).t).toBeCloseTo(9 * Math.sqrt(2 / g), 6)
  })
})

describe('a terminal event', () => {
  /** z' = −k z until z = ½: the time is ln(2 z₀)/k. */
  const field = decay(0.7)
  const half: EventDefinition = {
    value: (_t, z) => z[0]! - 0.5,
    gradient(_t, _z, dz) {
      dz[0]! += 1
      return 0
    },
    direction: 'falling',
    // The loss is the time of the event.
    inject: () => 1,
  }

  it('ends the solution, and its time has the gradient of its closed form', () => {
    const start = Float64Array.of(2)
    const { outcome, events, gradient, states } = solveAdjoint({
      field,
      update: none(),
      path: path(start, [1, 5], [Float64Array.of(0), Float64Array.of(0)]),
      loss: { value: () => 0, inject: () => {} },
      solver: { ...TIGHT, events: [half] },
    })
    expect(outcome).toEqual({ kind: 'event', t: events[0]!.t })
    expect(states).toHaveLength(1)
    expect(events[0]!.t).toBeCloseTo(Math.log(4) / 0.7, 9)
    expect(relativeError(gradient.start, [1 / (2 * 0.7)])).toBeLessThan(1e-8)
    expect(relativeError(gradient.field, [-Math.log(4) / 0.49])).toBeLessThan(1e-8)
  })

  it('counts a direction only, and the first of several', () => {
    const at = (definition: Partial<EventDefinition>, level: number): EventDefinition => ({
      value: (_t, z) => z[0]! - level,
      gradient: half.gradient,
      ...definition,
    })
    const run = (events: EventDefinition[]) =>
      solveAdjoint({
        field,
        path: path(Float64Array.of(2), [9], [Float64Array.of(0)]),
        loss: { value: () => 0, inject: () => {} },
        solver: { ...TIGHT, events },
      })
    expect(run([at({ direction: 'rising' }, 0.5)]).events).toEqual([])
    const { events } = run([at({}, 0.5), at({}, 0.501)])
    expect(events.map(({ event }) => event)).toEqual([1])
  })
})

it('a condition that depends on time alone is met when it says', () => {
  // A switch at t = 1 from z' = 1 to z' = 1 with a jump of z by −2.
  const field = closure({ dimension: 1, timeDependent: false, evaluate: (_t, _z, dz) => dz.fill(1) })
  const event: EventDefinition = {
    value: t => t - 1,
    gradient: () => 1,
    reset: {
      parameters: new Float64Array(0),
      apply: (z, _y, zPlus) => zPlus.set([z[0]! - 2]),
      vjp: () => {},
    },
  }
  const { states, events, gradient } = solveAdjoint({
    field,
    path: path(Float64Array.of(0), [0.5, 2], [Float64Array.of(0), Float64Array.of(0)]),
    loss: { value: (_i, z) => z[0]!, inject: (_i, _z, a) => a.fill(1) },
    solver: { ...TIGHT, events: [event] },
  })
  expect(events).toHaveLength(1)
  expect(events[0]!.t).toBeCloseTo(1, 14)
  expect(relativeError(states.flat(), [0.5, 0])).toBeLessThan(1e-13)
  expect(gradient.start).toEqual([2])
})
