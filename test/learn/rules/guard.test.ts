import { describe, expect, it } from 'vitest'
import { Sweep } from '../../../src/adjoint/sweep.js'
import type { Estimate } from '../../../src/estimate.js'
import { Learner } from '../../../src/learn/learner.js'
import type { LearnerOptions } from '../../../src/learn/learner-options.js'
import { learnerSettings } from '../../../src/learn/learner-settings.js'
import { createModel, type Model } from '../../../src/learn/model/model.js'
import { norm } from '../../../src/learn/rules/clip.js'
import { createRule } from '../../../src/learn/rules/create-rule.js'
import { Guard } from '../../../src/learn/rules/guard.js'
import type { Observation } from '../../../src/observation.js'
import { methods } from '../../../src/ode/methods/index.js'
import { Section } from '../../../src/section.js'
import { bits } from '../../support/arrays.js'
import { path } from '../../support/paths.js'
import { restored } from '../../support/restored.js'
import { isWritable, lateErrors, run, simulated } from '../../support/streams.js'

const small: LearnerOptions = { window: 6, warmup: 10, model: { dynamics: { hidden: [4] } } }
const kinds = ['kalman', 'adam', 'sgd'] as const
const parametersOf = (learner: Learner) =>
  new Section(learner.save()).at('trained').at('filter').at('arrays').at('parameters').doubles()

describe.each(kinds)('F63: the update of %s', kind => {
  const poisons = [Number.NaN, Infinity, -Infinity]

  /** A rule in the midst of learning, whose field adds poison to one leaf of its gradient when told to. */
  function working() {
    const original = createModel({ channels: 2, dynamics: { hidden: [3] } })
    const poison = { leaf: -1, value: 0 }
    const vjp: Model['field']['vjp'] = (t, z, a, az, atheta) => {
      const slope = original.field.vjp(t, z, a, az, atheta)
      if (poison.leaf >= 0) atheta[poison.leaf]! += poison.value
      return slope
    }
    const field = Object.assign(Object.create(original.field), { vjp }) as Model['field']
    const model = { ...original, field }
    const rule = createRule(model, learnerSettings({ optimizer: { kind } }))
    const guard = new Guard(model, rule)
    const sweep = new Sweep(field, model.update, { method: methods.rk4, step: 0.5 })
    const window = path(
      new Float64Array(4).fill(0.1),
      [0.5, 1, 2],
      [0.3, 0.5, -0.4].map(y => Float64Array.of(y, -y)),
    )
    const learn = () => {
      sweep.forward(window)
      rule.assess(sweep, 2)
      return guard.learn(sweep, 2, false)
    }
    const bytes = () => JSON.stringify([model.parameters, ...Object.values(rule.state)].map(bits))
    return { learn, poison, bytes, rule, leaves: field.parameters.length }
  }

  it('is skipped whole when any leaf of the gradient is not finite: parameters, moments and counts keep their bytes', () => {
    const { learn, poison, bytes, rule, leaves } = working()
    for (let n = 0; n < 3; n++) expect(learn().rejected).toBeUndefined()
    let skipped = 0
    for (poison.leaf = 0; poison.leaf < leaves; poison.leaf++)
      for (poison.value of poisons) {
        const before = bytes()
        if (learn().rejected !== undefined) skipped++
        expect(bytes()).toBe(before)
        expect(rule.variance.every(value => value > 0 && value < Infinity)).toBe(true)
      }
    expect(skipped).toBe(leaves * poisons.length)
    poison.leaf = -1
    const before = bytes()
    expect(learn().rejected).toBeUndefined()
    expect(bytes()).not.toBe(before)
  })
})

describe('F61: a single outlier of a million deviations', () => {
  const stream = simulated({ system: 'van-der-pol', count: 400, noise: 0.05 })
  const spike = 250
  const spiked = stream.map((o, i): Observation => (i === spike ? { ...o, y: Float64Array.of(1e6, -1e6) } : o))

  const before = { ...small, window: 16 }
  it.each(kinds)(
    'moves the parameters of %s no further than one of thirty deviations, by a clipped update or none',
    kind => {
      const rate = 0.01
      const options = { ...before, optimizer: kind === 'kalman' ? ({ kind } as const) : ({ kind, rate } as const) }
      const moved = (size: number) => {
        const learner = new Learner(options)
        run(learner, stream.slice(0, spike))
        const start = parametersOf(learner)
        expect(learner.observe({ ...stream[spike]!, y: Float64Array.of(size, -size) }).update.rejected).toBeUndefined()
        return norm(parametersOf(learner).map((value, i) => value - start[i]!))
      }
      const most = { sgd: 10 * rate, adam: rate * 20, kalman: moved(2) * 1.001 }[kind]
      expect(moved(2)).toBeGreaterThan(0)
      expect(moved(1e6)).toBeLessThan(most)
    },
  )

  it.each(kinds)('costs %s little: fifty observations later the error is that of a stream without', kind => {
    const options: LearnerOptions = { optimizer: { kind } }
    const errors = (observations: readonly Observation[]) =>
      lateErrors(
        run(new Learner(options), observations).filter((_, i) => i !== spike),
        99,
      )
    expect(errors(spiked).model).toBeLessThan(1.1 * errors(stream).model)
  })
})

describe('F62: parameters that run away', () => {
  const stream = simulated({ system: 'van-der-pol', count: 200, noise: 0.05 })
  /** On which parameters within their range make sweeps fail first. */
  const slow = simulated({ system: 'lotka-volterra', seed: 73, count: 200, noise: 0.05 })
  const wild: LearnerOptions[] = [
    { ...small, optimizer: { kind: 'adam', rate: 1e3 } },
    { ...small, optimizer: { kind: 'sgd', rate: 1e5 } },
    { ...small, optimizer: { kind: 'sgd', rate: 1e308 } },
  ]

  const streams = [
    ...wild.map(options => ({ options, stream })),
    { options: { optimizer: wild[0]!.optimizer! }, stream: slow },
  ]

  it.each(streams)('are set back, and the third time learning is frozen: $options', ({ options, stream }) => {
    const learner = new Learner(options)
    const estimates = run(learner, stream)
    const guards = estimates.flatMap(({ update }) => update.guard ?? [])
    const rollbacks = guards.filter(guard => guard === 'rolled-back').length
    expect(rollbacks).toBeLessThanOrEqual(2)
    expect(guards.at(-1)).toBe('frozen')
    expect(guards.lastIndexOf('rolled-back')).toBeLessThan(guards.indexOf('frozen'))
    expect(estimates.at(-1)!.update.rejected).toMatch(/frozen/)
    expect(estimates.every(isWritable)).toBe(true)
    expect(parametersOf(learner).every(value => Math.abs(value) < 1000)).toBe(true)
    const finite = ({ predicted }: Estimate) => predicted.every(value => Number.isFinite(value))
    expect(estimates.slice(1).every(finite)).toBe(true)
    expect(learner.predict([stream.at(-1)!.t + 1])[0]!.predicted.every(value => Number.isFinite(value))).toBe(true)
  })

  it('each time updates become half as large, and what is forgotten is not the good parameters', () => {
    const model = createModel({ channels: 1, augment: 0 })
    const start = model.parameters.slice()
    const guard = new Guard(model, createRule(model, learnerSettings({ optimizer: { kind: 'adam', rate: 1e6 } })))
    const sweep = new Sweep(model.field, model.update, { method: methods.rk4, step: 0.5 })
    const learn = () => {
      sweep.forward(path(new Float64Array(1), [1], [Float64Array.of(1)]))
      return guard.learn(sweep, 0, false)
    }
    const reports = [learn(), learn(), learn(), learn()]
    expect(reports.map(({ guard: verdict }) => verdict)).toEqual(['rolled-back', 'rolled-back', 'frozen', 'frozen'])
    expect(reports[0]!.rejected).toMatch(/updates are 0.5 of/)
    expect(reports[1]!.rejected).toMatch(/updates are 0.25 of/)
    expect(model.parameters).toEqual(start)
  })

  it('a jump by two hundred deviations that stays is believed from the second observation on', () => {
    const jumped = stream.map((o, i): Observation => (i < 120 ? o : { ...o, y: o.y.map(value => value + 400) }))
    const estimates = run(new Learner(small), jumped)
    const error = (i: number) => Math.abs(estimates[i]!.predicted[0]! - estimates[i]!.observed[0]!)
    expect(error(120)).toBeGreaterThan(300)
    expect(error(130)).toBeLessThan(40)
  })

  it('nothing of the kind happens to a stream that is learned well', () => {
    const estimates = run(new Learner(), simulated({ system: 'lorenz', count: 400, noise: 0.05 }))
    expect(estimates.filter(({ update }) => update.guard !== undefined)).toEqual([])
  })

  it('M15: is remembered: a frozen learner stays frozen', () => {
    const options = wild[0]!
    const learner = new Learner(options)
    run(learner, stream.slice(0, 100))
    const copy = restored(learner, () => new Learner(options))
    const rest = stream.slice(100)
    expect(JSON.stringify(run(copy, rest))).toBe(JSON.stringify(run(learner, rest)))
  })

  it('F60, F62: sweeps that fail one after the other set the parameters back too, and halve the rate, which comes back', () => {
    const model = createModel({ channels: 1, augment: 0 })
    const start = model.parameters.slice()
    const rule = createRule(model, learnerSettings({}))
    const guard = new Guard(model, rule)
    // Nothing has been learned yet: it cannot be the parameters.
    for (let n = 0; n < 10; n++) expect(guard.failed('The budget is spent.').guard).toBeUndefined()
    const sweep = new Sweep(model.field, model.update, { method: methods.rk4, step: 0.5 })
    const window = path(new Float64Array(1), [1], [Float64Array.of(1)])
    const learn = () => {
      sweep.forward(window)
      rule.assess(sweep, 0)
      expect(guard.learn(sweep, 0, false).rejected).toBeUndefined()
    }
    for (const rate of [0.5, 0.25, 0.125, 0.0625]) {
      learn()
      expect(model.parameters).not.toEqual(start)
      for (let n = 0; n < 3; n++) expect(guard.failed('The budget is spent.').guard).toBeUndefined()
      const { guard: verdict, rejected } = guard.failed('The budget is spent.')
      expect(verdict).toBe('rolled-back')
      expect(rejected).toMatch(new RegExp(`^The budget is spent\\..* 4 times in a row\\. .*updates are ${rate} of`))
      expect(model.parameters).toEqual(start)
    }
    for (let n = 0; n < 2000; n++) learn()
    expect(guard.state.marks[0]).toBe(0.25)
  })

  it('and freeze learning the third time, when the parameters have gone far since they were good', () => {
    const model = createModel({ channels: 1, augment: 0 })
    const start = model.parameters.slice()
    const guard = new Guard(model, createRule(model, learnerSettings({})))
    const sweep = new Sweep(model.field, model.update, { method: methods.rk4, step: 0.5 })
    const window = path(new Float64Array(1), [1], [Float64Array.of(1)])
    const far = 50 * Math.max(1, ...start.map(Math.abs))
    const verdicts = Array.from({ length: 3 }, () => {
      sweep.forward(window)
      expect(guard.learn(sweep, 0, false).rejected).toBeUndefined()
      model.parameters[0] = start[0]! + far
      return Array.from({ length: 4 }, () => guard.failed('The budget is spent.')).at(-1)!
    })
    expect(verdicts.map(({ guard: verdict }) => verdict)).toEqual(['rolled-back', 'rolled-back', 'frozen'])
    expect(verdicts[2]!.rejected).toMatch(
      /^The budget is spent\..* 4 times in a row\. .*\(3 of 3\); learning is frozen/,
    )
    expect(model.parameters).toEqual(start)
  })
})

it('an observation that is not to be learned is predicted and taken in, and leaves the parameters as they are', () => {
  const stream = simulated({ system: 'van-der-pol', count: 60 })
  const [learner, other] = [new Learner(small), new Learner(small)]
  run(learner, stream.slice(0, 40))
  run(other, stream.slice(0, 40))
  const before = parametersOf(learner)
  const estimates = run(
    learner,
    stream.slice(40).map(o => ({ ...o, learn: false })),
  )
  expect(parametersOf(learner)).toEqual(before)
  expect(estimates.every(({ update }) => /more comes than can be learned/.test(update.rejected!))).toBe(true)
  expect(estimates.every(({ evaluations }) => evaluations.backward === 0)).toBe(true)
  expect(estimates[0]!.predicted).toEqual(other.observe(stream[40]!).predicted)
  expect(lateErrors(estimates, 15).model).toBeLessThan(0.9 * lateErrors(estimates, 15).persistence)
})
