import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Learner } from '../../src/learn/learner.js'
import type { LearnerOptions } from '../../src/learn/learner-options.js'
import type { Observation } from '../../src/observation.js'
import { Random } from '../../src/random.js'
import { Section } from '../../src/section.js'
import { array } from '../support/arrays.js'
import { run, simulated } from '../support/streams.js'

const kinds: [string, LearnerOptions][] = [
  ['kalman', {}],
  ['adam', { optimizer: { kind: 'adam' } }],
  ['a field that depends on time', { model: { dynamics: { time: true } } }],
  ['fixed steps', { solver: { method: 'rk4', step: 0.5 } }],
]

const stream = simulated({ system: 'van-der-pol', count: 120, missing: 0.2 })
const json = (learner: Learner, observations: readonly Observation[]) => JSON.stringify(run(learner, observations))

describe.each(kinds)('%s', (_, options) => {
  it('gives the same output for the same input', () => {
    expect(json(new Learner(options), stream)).toBe(json(new Learner(options), stream))
  })

  it('M19: predicting changes nothing: the next estimates have the same bits with and without', () => {
    const [looking, other] = [new Learner(options), new Learner(options)]
    run(looking, stream.slice(0, 70))
    run(other, stream.slice(0, 70))
    for (const observation of stream.slice(70)) {
      looking.predict([observation.t - 0.01, observation.t + 1, observation.t + 5])
      expect(JSON.stringify(looking.observe(observation))).toBe(JSON.stringify(other.observe(observation)))
    }
    const now = stream.at(-1)!.t
    expect(looking.predict([now + 1, now + 2])).toEqual(looking.predict([now + 1, now + 2]))
  })

  it('M5, F17: does not depend on where time starts: a shift by whole seconds changes no bit but the time', () => {
    const random = new Random(1)
    let t = 0
    const exact = stream.map(({ key, y }) => {
      t += (1 + Math.floor(4 * random.uniform())) / 8 // eighths, so that every difference is exact
      return { key, t, y }
    })
    const strip = (observations: Observation[]) =>
      run(new Learner(options), observations).map(estimate => JSON.stringify({ ...estimate, t: 0 }))
    const expected = strip(exact)
    for (const shift of [1, 1e6, 1423666080, -7])
      expect(strip(exact.map(observation => ({ ...observation, t: observation.t + shift })))).toEqual(expected)
  })

  it('F17: learns gaps of one millisecond at milliseconds since 1970 as it does from 0 on', () => {
    const strip = (start: number) => {
      const dense = stream.map(({ key, y }, i) => ({ key, t: start + i, y }))
      return run(new Learner(options), dense).map(estimate => JSON.stringify({ ...estimate, t: 0 }))
    }
    expect(strip(1_764_000_000_123)).toEqual(strip(0))
  })

  it('M20: leaves its input as it was, and does not keep it', () => {
    const copy = stream.map(({ key, t, y }) => Object.freeze({ key, t, y: y.slice() }))
    const expected = json(new Learner(options), stream)
    const learner = new Learner(options)
    const estimates = copy.map(observation => {
      const before = observation.y.slice()
      const estimate = learner.observe(observation)
      expect(observation.y).toEqual(before)
      observation.y.fill(1e9) // what the caller does with it afterwards is the caller's business
      return estimate
    })
    expect(JSON.stringify(estimates)).toBe(expected)
  })

  it('M18: remembers of the observations before its window nothing but what they have made of the state', () => {
    const window = 8
    const learner = new Learner({ ...options, window })
    run(learner, stream)
    const filter = new Section(learner.save()).at('trained').at('filter')
    const kept = filter
      .at('labels')
      .at('entries')
      .list.map(entry => Array.from(entry.at('y').doubles()))
    expect(kept).toEqual(stream.slice(-window).map(({ y }) => Array.from(y)))
    expect(filter.at('window').at('observed').list).toHaveLength(window)
    expect(new Section(learner.save()).at('warmup').list).toEqual([])
  })

  it('F14, F20: a refused observation changes nothing', () => {
    const refused: [code: string, Omit<Observation, 'key'>][] = [
      ['TIME_NOT_MONOTONE', { t: -1, y: Float64Array.of(1, 2) }],
      ['TIME_NOT_MONOTONE', { t: Number.NaN, y: Float64Array.of(1, 2) }],
      ['TIME_NOT_MONOTONE', { t: Infinity, y: Float64Array.of(1, 2) }],
      ['DIMENSION_MISMATCH', { t: 1e9, y: Float64Array.of(1) }],
      ['DIMENSION_MISMATCH', { t: 1e9, y: Float64Array.of(1, 2, 3) }],
      ['OBSERVATION_NOT_FINITE', { t: 1e9, y: Float64Array.of(1, Infinity) }],
      ['OBSERVATION_NOT_FINITE', { t: 0, y: Float64Array.of(-Infinity, 1), arrival: 'reset' }],
    ]
    const learner = new Learner(options)
    const estimates = stream.map((observation, i) => {
      const estimate = learner.observe(observation)
      if (i % 7 !== 0) return estimate
      for (const [code, bad] of refused)
        expect(() => learner.observe({ key: 'k', ...bad })).toThrow(expect.objectContaining({ code }))
      return estimate
    })
    expect(JSON.stringify(estimates)).toBe(json(new Learner(options), stream))
  })
})

describe('a learner', () => {
  it('refuses a first observation at no time', () => {
    for (const t of [Number.NaN, Infinity, -Infinity])
      expect(() => new Learner().observe({ key: 'k', t, y: Float64Array.of(1) })).toThrow(
        expect.objectContaining({ code: 'TIME_NOT_MONOTONE' }),
      )
  })

  it('takes the seed from its options: another one, another model', () => {
    expect(json(new Learner({ seed: 2 }), stream)).not.toBe(json(new Learner({ seed: 1 }), stream))
    expect(json(new Learner({ seed: 2 }), stream)).toBe(json(new Learner({ seed: 2 }), stream))
  })

  it('M16: that learned one stream shares nothing with another', () => {
    const others = simulated({ system: 'spiral', count: 120 })
    const [one, two] = [new Learner(), new Learner()]
    const mixed = stream.map((observation, i) => {
      two.observe(others[i]!)
      return one.observe(observation)
    })
    expect(JSON.stringify(mixed)).toBe(json(new Learner(), stream))
  })

  it('F16, F20: writes any stream of finite values as JSON: all gaps, all sizes, all masks', () => {
    const gap = fc.oneof(
      fc.constant(0),
      fc.integer({ min: -9, max: 6 }).map(n => 10 ** n),
    )
    const value = fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: -20, max: 20 }).map(n => n / 4) },
      { weight: 2, arbitrary: fc.constant(Number.NaN) },
      { weight: 1, arbitrary: fc.constantFrom(0, -0, 5e-324, 1e30, -1e30, 1e300, -1e300) },
    )
    const events = fc.array(fc.tuple(gap, value, value), { minLength: 10, maxLength: 60 })
    fc.assert(
      fc.property(events, fc.constantFrom('kalman', 'adam'), (list, kind) => {
        const learner = new Learner({ warmup: 5, window: 4, optimizer: { kind } })
        let t = 0
        for (const [dt, ...y] of list) {
          const estimate = learner.observe({ key: 'k', t: (t += dt), y: Float64Array.from(y) })
          const { score, loss, predicted, interval } = estimate
          const numbers = [score, loss, ...predicted, ...interval.flat(), estimate.update.gradientNorm]
          for (const x of numbers) if (x !== null) expect(Number.isFinite(x)).toBe(true)
        }
      }),
    )
  })

  it('knows as many channels as the first observation has', () => {
    const learner = new Learner({ warmup: 5 })
    const random = new Random(1)
    for (let t = 0; t < 12; t++) {
      const { predicted, interval } = learner.observe({ key: '', t, y: array(5, () => random.normal()) })
      expect([predicted.length, interval.length]).toEqual([5, 5])
    }
  })
})
