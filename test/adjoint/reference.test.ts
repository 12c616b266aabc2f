import { describe, expect, it } from 'vitest'
import { solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { squaredPathLoss } from '../../src/learn/rules/path-loss.js'
import { ADJOINT_NAMES } from '../../src/names.js'
import { fromNullable } from '../../src/observation.js'
import { methods } from '../../src/ode/methods/index.js'
import { relativeError } from '../support/arrays.js'
import { path } from '../support/paths.js'
import { fieldOf, references } from '../support/reference.js'

/** What the references are good to: their own check by differences found 1e-8 to 1e-11. */
const AGREEMENT = 1e-9

describe.each(references)('%s', (_, { problem, reference }) => {
  const times = problem.observations.map(({ t }) => t)
  const observed = problem.observations.map(({ y }) => fromNullable(y))
  const weights = problem.observations.map(({ weight = 1 }) => weight)
  const { outcome, loss, states, gradient, jumps } = solveAdjoint({
    field: fieldOf(problem),
    path: path(Float64Array.from(problem.z0), times, observed, problem.t0),
    loss: squaredPathLoss(observed, weights),
    solver: { method: methods.dopri5, rtol: 1e-11, atol: 1e-13 },
  })

  it('has the loss and the states', () => {
    expect(outcome.kind).toBe('reached')
    expect(relativeError([loss], [reference.loss])).toBeLessThan(AGREEMENT)
    expect(relativeError(states.flat(), reference.states.flat())).toBeLessThan(AGREEMENT)
  })

  it('has the gradient by start state and parameters', () => {
    expect(relativeError(gradient.start, reference.gradient.z0)).toBeLessThan(AGREEMENT)
    expect(relativeError(gradient.field, reference.gradient.parameters)).toBeLessThan(AGREEMENT)
  })

  it('has the gradient by times, where they are apart', () => {
    const { t0, times: byTimes } = reference.gradient
    expect(t0 === undefined).toBe(new Set(times).size < times.length)
    if (t0 === undefined || byTimes === undefined) return
    expect(relativeError([gradient.startTime], [t0])).toBeLessThan(AGREEMENT)
    expect(relativeError(gradient.times, byTimes)).toBeLessThan(AGREEMENT)
  })

  it('has the costates, one jump a time, in the order of backward travel', () => {
    const distinct = [...new Set(times)].sort((a, b) => b - a)
    expect(jumps.map(jump => jump.t)).toEqual(distinct)
    const ours = times.map(t => jumps.find(jump => jump.t === t)!.after)
    expect(relativeError(ours.flat(), reference.costates.flat())).toBeLessThan(AGREEMENT)
    // A sum taken apart and put together again: one rounding.
    for (const { before, jump, after } of jumps)
      expect(
        relativeError(
          before.map((x, i) => x + jump[i]!),
          after,
        ),
      ).toBeLessThan(1e-15)
  })
})

/** What the three adjoints promise at rtol 1e-10: ten tolerances, ten tolerances and a hundred, but for the references' own 1e-9. */
const PROMISED = { discrete: 1e-9, interpolating: 1e-9, backsolve: 1e-8 }

describe.each(ADJOINT_NAMES)('at rtol 1e-10 the %s adjoint', adjoint => {
  it.each(references)('has the gradients of %s', (_, { problem, reference }) => {
    const observed = problem.observations.map(({ y }) => fromNullable(y))
    const times = problem.observations.map(({ t }) => t)
    const weights = problem.observations.map(({ weight = 1 }) => weight)
    for (const method of [methods.dopri5, methods.tsit5, methods.dopri8]) {
      const { gradient } = solveAdjoint({
        field: fieldOf(problem),
        path: path(Float64Array.from(problem.z0), times, observed, problem.t0),
        loss: squaredPathLoss(observed, weights),
        solver: { method, rtol: 1e-10, atol: 1e-12, adjoint },
      })
      expect(relativeError(gradient.start, reference.gradient.z0), method.name).toBeLessThan(PROMISED[adjoint])
      expect(relativeError(gradient.field, reference.gradient.parameters), method.name).toBeLessThan(PROMISED[adjoint])
    }
  })
})

it('the adjoint of one observation is the slope of its loss, as the question had it', () => {
  const [, { problem, reference }] = references.find(([name]) => name === 'seed-linear-one-point.json')!
  const [observation] = problem.observations
  const [state] = reference.states
  const slope = state!.map((z, c) => 2 * (z - observation!.y[c]!))
  expect(relativeError(reference.costates[0]!, slope)).toBeLessThan(AGREEMENT)
})
