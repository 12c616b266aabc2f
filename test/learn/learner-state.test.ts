import { describe, expect, it } from 'vitest'
import { Learner } from '../../src/learn/learner.js'
import type { LearnerOptions } from '../../src/learn/learner-options.js'
import { PrequentialScore } from '../../src/learn/prequential-score.js'
import { LOSS_NAMES, UPDATE_NAMES } from '../../src/names.js'
import { Section } from '../../src/section.js'
import { restored } from '../support/restored.js'
import { run, simulated } from '../support/streams.js'

const small: LearnerOptions = { window: 6, warmup: 10, model: { dynamics: { hidden: [4] } } }
const kinds: [string, LearnerOptions][] = [
  ['the defaults', {}],
  ...(['kalman', 'adam', 'sgd'] as const).map((kind): [string, LearnerOptions] => [
    `optimizer ${kind}`,
    { ...small, optimizer: { kind } },
  ]),
  ...UPDATE_NAMES.map((update): [string, LearnerOptions] => [
    `update ${update}`,
    { ...small, model: { ...small.model, update } },
  ]),
  ...LOSS_NAMES.map((loss): [string, LearnerOptions] => [
    `loss ${loss}`,
    { ...small, loss, optimizer: { kind: 'adam' } },
  ]),
  ['a stride', { ...small, stride: 3 }],
  ['time as an input', { ...small, model: { dynamics: { hidden: [4], time: true } } }],
  ['a method that changes gear', { ...small, solver: { method: 'auto' } }],
  ['an implicit method', { ...small, solver: { method: 'kvaerno3' } }],
  ['fixed steps', { ...small, solver: { method: 'rk4', step: 0.5 } }],
  ['a solver that often gives up', { ...small, solver: { maxSteps: 2, rtol: 1e-9, atol: 1e-12 } }],
  ['no latent dimensions', { ...small, model: { augment: 0 } }],
]

const stream = simulated({ system: 'van-der-pol', count: 170, missing: 0.2 })

describe.each(kinds)('F53, M15: a learner with %s', (_, options) => {
  // In the warm-up, at its end, and long after it.
  it.each([0, 4, 10, 67])('goes on bit for bit from the state after %d observations', count => {
    const learner = new Learner(options)
    run(learner, stream.slice(0, count))
    const copy = restored(learner, () => new Learner(options))
    const rest = stream.slice(count, count + 100)
    expect(JSON.stringify(run(copy, rest))).toBe(JSON.stringify(run(learner, rest)))
    expect(copy.save()).toEqual(learner.save())
    const times = [1, 2, 5].map(ahead => rest.at(-1)!.t + ahead)
    expect(copy.predict(times)).toEqual(learner.predict(times))
  })
})

describe('the state of a learner', () => {
  const saved = () => {
    const learner = new Learner(small)
    run(learner, stream.slice(0, 30))
    return structuredClone(learner.save()) as Record<string, never>
  }

  it('is taken out without a change', () => {
    const [looked, other] = [new Learner(small), new Learner(small)]
    for (const observation of stream) {
      looked.save()
      expect(JSON.stringify(looked.observe(observation))).toBe(JSON.stringify(other.observe(observation)))
    }
  })

  it.each<[string, LearnerOptions]>([
    ['window', { ...small, window: 3 }],
    ['model', { ...small, model: { dynamics: { hidden: [5] } } }],
    ['optimizer', { ...small, optimizer: { kind: 'adam' } }],
  ])('F46: does not fit a learner with another %s', (_, options) => {
    expect(() => new Learner(options).restore(new Section(saved()))).toThrow(
      expect.objectContaining({ code: 'CHECKPOINT_MISFIT' }),
    )
  })

  it('says which part is missing', () => {
    const { trained: _, ...rest } = saved()
    expect(() => new Learner(small).restore(new Section(rest))).toThrow('trained: received nothing; expected a value')
  })
})

describe('the running scores', () => {
  it('go on bit for bit', () => {
    const [learner, score] = [new Learner(small), new PrequentialScore()]
    const estimates = run(learner, stream)
    for (const estimate of estimates.slice(0, 50)) score.observe(estimate)
    const copy = restored(score, () => new PrequentialScore())
    for (const estimate of estimates.slice(50)) {
      score.observe(estimate)
      expect(copy.observe(estimate)).toEqual(score.scores)
    }
  })
})
