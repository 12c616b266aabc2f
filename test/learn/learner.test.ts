import { describe, expect, it } from 'vitest'
import { Learner } from '../../src/learn/learner.js'
import type { LearnerOptions, OptimizerOptions } from '../../src/learn/learner-options.js'
import { toNullable } from '../../src/observation.js'
import { isWritable, lateErrors, run, simulated } from '../support/streams.js'

const stream = simulated({ system: 'van-der-pol', count: 200 })

describe('the warm-up', () => {
  it('predicts nothing at first, then persistence, without interval and score', () => {
    const estimates = run(new Learner({ warmup: 20 }), stream.slice(0, 20))
    expect(estimates[0]).toEqual({
      key: 'k',
      t: stream[0]!.t,
      observed: Array.from(stream[0]!.y),
      predicted: [null, null],
      interval: [null, null],
      score: null,
      loss: null,
      update: { count: 0, gradientNorm: 0 },
      evaluations: { forward: 0, backward: 0 },
    })
    for (let i = 1; i < 20; i++) {
      expect(estimates[i]!.predicted).toEqual(Array.from(stream[i - 1]!.y))
      expect([estimates[i]!.interval, estimates[i]!.score, estimates[i]!.loss]).toEqual([[null, null], null, null])
    }
  })

  it('remembers the last value of each channel across missing ones', () => {
    const gappy = simulated({ system: 'van-der-pol', count: 20, missing: 0.5 })
    const known: (number | null)[] = [null, null]
    for (const [i, estimate] of run(new Learner({ warmup: 20 }), gappy).entries()) {
      expect(estimate.predicted).toEqual(known)
      toNullable(gappy[i]!.y).forEach((value, j) => {
        if (value !== null) known[j] = value
      })
    }
  })

  it('ends after its length; what it showed has then been learned, in order', () => {
    const learner = new Learner({ warmup: 20 })
    run(learner, stream.slice(0, 19))
    expect(learner.ready).toBe(false)
    run(learner, stream.slice(19, 20))
    expect(learner.ready).toBe(true)
    // The first observation sets the state, the other nineteen were learned from, and now the next.
    expect(learner.observe(stream[20]!).update.count).toBe(20)
  })
})

describe('an estimate', () => {
  const estimates = run(new Learner({ warmup: 20 }), stream)

  it('has prediction, interval, score and loss in the units of the channels', () => {
    for (const estimate of estimates.slice(20)) {
      estimate.predicted.forEach((value, j) => {
        const [low, high] = estimate.interval[j]!
        expect(low).toBeLessThan(value!)
        expect(high).toBeGreaterThan(value!)
        // The middle of two rounded sums.
        expect((low + high) / 2).toBeCloseTo(value!, 12)
      })
      expect(estimate.score).toBeGreaterThanOrEqual(0)
      expect(estimate.loss).toBeGreaterThanOrEqual(0)
      expect(estimate.evaluations.forward).toBeGreaterThan(0)
      expect(estimate.evaluations.backward).toBeGreaterThan(0)
    }
  })

  it('is made before its observation is seen', () => {
    const other = stream.map((observation, i) =>
      i < 100 ? observation : { ...observation, y: Float64Array.of(7, -7) },
    )
    const [one, two] = [estimates[100]!, run(new Learner({ warmup: 20 }), other.slice(0, 101))[100]!]
    expect([two.predicted, two.interval]).toEqual([one.predicted, one.interval])
    expect(two.score).toBeGreaterThan(one.score! + 10)
  })

  it('predicts missing channels all the same, and says null where nothing was observed', () => {
    const gappy = simulated({ system: 'van-der-pol', count: 150, missing: 0.4 })
    const late = run(new Learner({ warmup: 20 }), gappy).slice(20)
    expect(late.some(({ observed }) => observed.includes(null))).toBe(true)
    for (const { observed, predicted, interval, score, loss } of late) {
      expect([...predicted, ...interval]).not.toContain(null)
      const nothing = observed.every(value => value === null)
      expect([score === null, loss === null]).toEqual([nothing, nothing])
    }
  })

  it('can be written as JSON without loss', () => {
    expect(estimates.every(isWritable)).toBe(true)
  })
})

describe('a stride', () => {
  it.each<OptimizerOptions>([{ kind: 'kalman' }, { kind: 'adam' }, { kind: 'sgd' }])(
    'updates every third observation only, with $kind',
    optimizer => {
      const estimates = run(new Learner({ stride: 3, warmup: 20, optimizer }), stream.slice(0, 100)).slice(20)
      const counts = estimates.map(({ update }) => update.count)
      // The first observation sets the state: observations 3, 6, 9 … after it are learned from.
      expect(counts).toEqual(counts.map((_, i) => Math.floor((i + 20) / 3)))
      const spent = estimates.map(({ evaluations }) => evaluations.backward > 0)
      expect(spent).toEqual(counts.map((_, i) => (i + 20) % 3 === 0))
    },
  )

  it('longer than the warm-up gives intervals and scores from the start', () => {
    const estimates = run(new Learner({ stride: 100, warmup: 20 }), stream.slice(0, 60)).slice(20)
    for (const { interval, score } of estimates) {
      for (const range of interval) expect(range![1]).toBeGreaterThan(range![0])
      expect(score).toBeLessThan(Infinity)
    }
  })
})

describe('learning', () => {
  // 1500 observations; the equations themselves would give 0.05, the noise.
  it.each<[string, LearnerOptions, number]>([
    ['kalman', {}, 0.2],
    ['adam', { optimizer: { kind: 'adam' } }, 0.5],
    ['sgd', { optimizer: { kind: 'sgd' } }, 0.5],
    ['adam with the huber loss', { optimizer: { kind: 'adam' }, loss: 'huber' }, 0.5],
    ['kalman without a gain', { model: { update: 'replace' } }, 0.4],
  ])('%s beats persistence on the van der Pol oscillator', (_, options, share) => {
    const long = simulated({ system: 'van-der-pol', count: 1500 })
    const { model, persistence } = lateErrors(run(new Learner(options), long), 500)
    expect(model).toBeLessThan(share * persistence)
  })

  it('intervals contain the share of values that was asked for', () => {
    const long = simulated({ system: 'van-der-pol', count: 1500 })
    const late = run(new Learner({ level: 0.8 }), long).slice(500)
    const inside = late.flatMap(({ observed, interval }) =>
      observed.map((value, j) => Number(interval[j]![0] <= value! && value! <= interval[j]![1])),
    )
    const coverage = inside.reduce((sum, hit) => sum + hit, 0) / inside.length
    // The tracker's bookkeeping: |Δ ln width| / (0.05 · 1000), and ln width moves by less than 1.5 once settled.
    expect(Math.abs(coverage - 0.8)).toBeLessThan(0.03)
  })
})

describe('options out of range are refused', () => {
  it.each([{ window: 0 }, { stride: 1.5 }, { warmup: 1 }, { level: 1 }, { maxGap: 0 }])('%o', options => {
    expect(() => new Learner(options)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })
})
