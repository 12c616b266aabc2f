import { describe, expect, it } from 'vitest'
import { type AdjointSolution, solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { mlp, mlpLayout, mlpShape } from '../../src/field/mlp.js'
import type { VectorField } from '../../src/field/vector-field.js'
import { type Precision, UPDATE_NAMES } from '../../src/names.js'
import { methods } from '../../src/ode/methods/index.js'
import { Random } from '../../src/random.js'
import { array, bits } from '../support/arrays.js'
import { testWindow } from '../support/windows.js'

function field(precision: Precision, hidden: readonly number[] = [7, 5]): VectorField {
  const shape = mlpShape({ dimension: 3, hidden, activation: 'tanh', time: true, skip: true })
  const random = new Random(5)
  const parameters = array(mlpLayout(shape).length, () => 0.5 * random.normal())
  return mlp(shape, parameters, { precision })
}

/** The same field, a step stage after stage. */
function stageByStage({ wholeSteps, ...rest }: VectorField): VectorField {
  expect(wholeSteps).toBeDefined()
  return rest
}

function numbers({ outcome, loss, states, gradient, evaluations }: AdjointSolution) {
  expect(outcome.kind).toBe('reached')
  const { start, startTime, times, field: theta } = gradient
  return [[loss, startTime], ...states, start, times, theta, [evaluations.forward, evaluations.backward]].map(bits)
}

const explicit = Object.values(methods).filter(({ implicit }) => !implicit)

describe('whole steps have the bits of steps stage after stage', () => {
  it.each(explicit.map(({ name }) => name))('%s', name => {
    const method = explicit.find(each => each.name === name)!
    for (const precision of ['f64', 'f32'] as const)
      for (const update of UPDATE_NAMES) {
        const solver = { method, rtol: 1e-4, atol: 1e-4 }
        const step = method.adaptive ? {} : { step: 0.1 }
        const one = field(precision)
        const window = (which: VectorField) => testWindow(1, { solver: { ...solver, ...step }, update, field: which })
        const whole = numbers(solveAdjoint(window(one)))
        expect(whole).toEqual(numbers(solveAdjoint(window(stageByStage(one)))))
      }
  })
})

it.each([[[51, 64]], [[24, 25]], [[48, 33, 30]], [[1]], [[]]])('and so have those of layers of %j', hidden => {
  for (const precision of ['f64', 'f32'] as const) {
    const one = field(precision, hidden)
    const solver = { method: methods.tsit5!, rtol: 1e-4, atol: 1e-4 }
    const whole = numbers(solveAdjoint(testWindow(1, { solver, field: one })))
    expect(whole).toEqual(numbers(solveAdjoint(testWindow(1, { solver, field: stageByStage(one) }))))
  }
})

it('a copy of a field with another way to evaluate does not inherit them', () => {
  const original = field('f64')
  let evaluations = 0
  const other: VectorField = {
    ...original,
    evaluate(t, z, dz, kept) {
      evaluations++
      original.evaluate(t, z, dz, kept)
    },
  }
  const solver = { method: explicit.find(({ name }) => name === 'tsit5')!, rtol: 1e-4, atol: 1e-4 }
  const solution = solveAdjoint(testWindow(1, { solver, field: other }))
  expect(evaluations).toBeGreaterThanOrEqual(solution.evaluations.forward)
})
