import { describe, expect, it } from 'vitest'
import { linear } from '../../src/field/linear.js'
import { Learner } from '../../src/learn/learner.js'
import type { LearnerOptions } from '../../src/learn/learner-options.js'
import { adam } from '../../src/learn/rules/adam.js'
import { sgd } from '../../src/learn/rules/sgd.js'
import { methods } from '../../src/ode/methods/index.js'
import { adjointWindow } from '../../src/operators/adjoint-window.js'
import { checkpoint } from '../../src/operators/checkpoint.js'
import { deduplicate } from '../../src/operators/deduplicate.js'
import { forecast } from '../../src/operators/forecast.js'
import { learn } from '../../src/operators/learn.js'
import { perKey } from '../../src/operators/per-key.js'
import { propagate } from '../../src/operators/propagate.js'
import { quarantine } from '../../src/operators/quarantine.js'
import { reorder } from '../../src/operators/reorder.js'

const learner = new Learner()
const solver = { method: methods.tsit5, rtol: 1e-6, atol: 1e-8 }
const store = { save() {} }
const own = (options: object) => () => new Learner(options as LearnerOptions)

describe('options out of range are refused when they are given, by name', () => {
  it.each<[what: string, make: () => unknown]>([
    ['allowedLateness: -1', () => reorder({ allowedLateness: -1 })],
    ['allowedLateness: NaN', () => reorder({ allowedLateness: Number.NaN })],
    ['clockReset: 0', () => reorder({ clockReset: 0 })],
    ['maxHeld: 0.5', () => reorder({ maxHeld: 0.5 })],
    ['every: -1', () => forecast(learner, { every: -1, horizon: 1 })],
    ['horizon: NaN', () => forecast(learner, { every: 1, horizon: Number.NaN })],
    ['points: 1.5', () => forecast(learner, { every: 1, horizon: 1, points: 1.5 })],
    ['every: 0', () => propagate(learner, { every: 0 })],
    ['most: -1', () => propagate(learner, { every: 1, most: -1 })],
    ['maxKeys: 0', () => perKey(() => reorder(), { maxKeys: 0 })],
    ['every: NaN', () => checkpoint(store, { every: Number.NaN })],
    ['memory: -1', () => deduplicate({ memory: -1 })],
    ['maxAhead: -1', () => quarantine({ maxAhead: -1 })],
    ['length: 0', () => adjointWindow({ field: linear(1), length: 0, solver })],
    ['stride: 0', () => adjointWindow({ field: linear(1), length: 1, stride: 0, solver })],
    ['dimension: -1', () => linear(-1)],
    ['rate: -1', () => adam(1, { rate: -1 })],
    ['momentum: 1', () => sgd(1, { momentum: 1 })],
    ['rate: NaN', own({ optimizer: { kind: 'adam', rate: Number.NaN } })],
    ['forgetting: 0', own({ optimizer: { kind: 'kalman', forgetting: 0 } })],
    ['optimizer.kind: newton', own({ optimizer: { kind: 'newton' } })],
    ['loss: cubic', own({ loss: 'cubic' })],
    ['clip: 0', own({ clip: 0 })],
    ['seed: 1.5', own({ seed: 1.5 })],
    ['rtol: 0', own({ solver: { rtol: 0 } })],
    ['maxSteps: 0.5', own({ solver: { maxSteps: 0.5 } })],
    ['method rk4 without step', own({ solver: { method: 'rk4' } })],
    ['augment: -1', own({ model: { augment: -1 } })],
    ['update: none at all', own({ model: { update: 'none at all' } })],
    ['hidden: 0', own({ model: { dynamics: { hidden: [0] } } })],
    ['activation: sine', own({ model: { dynamics: { activation: 'sine' } } })],
    ['precision: f16', own({ model: { dynamics: { precision: 'f16' } } })],
  ])('%s', (what, make) => {
    expect(make).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID', received: what, expected: expect.any(String) }),
    )
  })

  it.each<[unknown: string, place: string, meant: string, make: () => unknown]>([
    ['windw', 'learner', '"window"', own({ windw: 8 })],
    ['rTol', 'learner.solver', '"rtol"', own({ solver: { rTol: 1e-6 } })],
    ['agument', 'learner.model', '"augment"', own({ model: { agument: 0 } })],
    ['hiden', 'learner.model.dynamics', '"hidden"', own({ model: { dynamics: { hiden: [4] } } })],
    ['forgeting', 'learner.optimizer', '"forgetting"', own({ optimizer: { kind: 'kalman', forgeting: 1 } })],
    [
      'learningRate',
      'learner.optimizer',
      'one of kind, rate, momentum',
      own({ optimizer: { kind: 'sgd', learningRate: 1 } }),
    ],
    ['onRefused', 'learn', '"refused"', () => learn(learner, { onRefused() {} } as object)],
  ])('an option that nobody knows, with the one that was meant: %s', (unknown, place, expected, make) => {
    const received = `the unknown option "${unknown}"`
    expect(make).toThrow(expect.objectContaining({ code: 'OPTION_INVALID', received, place, expected }))
  })

  it("parts of one's own may have what they like", () => {
    class Mine {
      readonly kind = 'custom'
      readonly name = 'mine'
      readonly dimension = 1
      readonly memory = 3
      create = () => linear(1)
    }
    expect(own({ model: { augment: 0, dynamics: new Mine() } })).not.toThrow()
  })

  it('what has no end may be Infinity', () => {
    const never = Number.POSITIVE_INFINITY
    expect(() => [
      reorder({ allowedLateness: never, clockReset: never, maxHeld: never }),
      perKey(() => reorder(), { maxKeys: never }),
      checkpoint(store, { every: never }),
      quarantine({ maxAhead: never }),
    ]).not.toThrow()
  })
})
