import { expect, it } from 'vitest'
import type { LearnerOptions } from '../../../src/learn/learner-options.js'
import { learnerSettings } from '../../../src/learn/learner-settings.js'
import { TrainedModel } from '../../../src/learn/trained-model.js'
import { Normaliser } from '../../../src/learn/units/normaliser.js'
import { FreshFilter } from '../../../src/learn/window/fresh-filter.js'
import { MISSING } from '../../support/observations.js'
import { simulated } from '../../support/streams.js'

const kinds: [string, LearnerOptions][] = [
  ['kalman', {}],
  ['kalman in blocks', { optimizer: { kind: 'kalman', block: 40 } }],
  ['adam', { optimizer: { kind: 'adam' }, loss: 'gaussian' }],
  ['sgd', { optimizer: { kind: 'sgd' }, stride: 3 }],
  ['kalman with time', { model: { dynamics: { time: true } } }],
]

it.each(kinds)('F53: a filter that is used again has the bits of a new one: %s', (_, options) => {
  const stream = simulated({ system: 'van-der-pol', count: 80, missing: 0.1 }).map((o, i) => ({ ...o, id: `o${i}` }))
  // Something for the doubts, the labels and the breaks to keep.
  stream[30]!.y[0] = 1e5
  const settings = learnerSettings(options)
  const units = Normaliser.fit(stream, { leastSpread: 0.4 })
  const learn = (model: TrainedModel) => {
    const known = new Float64Array(2).fill(MISSING)
    return stream.map(observation => model.step(observation, known))
  }
  const first = new TrainedModel(units, settings, undefined)
  const fresh = new FreshFilter(first.filter)
  const wanted = learn(first)
  const saved = JSON.stringify(first.save())
  const second = new TrainedModel(units, settings, undefined, fresh.restored())
  expect(learn(second)).toEqual(wanted)
  expect(JSON.stringify(second.save())).toBe(saved)
})
