import { describe, expect, it } from 'vitest'
import type { Estimate } from '../../src/estimate.js'
import { Learner } from '../../src/learn/learner.js'
import type { LearnerOptions } from '../../src/learn/learner-options.js'
import type { Observation } from '../../src/observation.js'
import { bits } from '../support/arrays.js'
import { crossGaps } from '../support/long-gaps.js'
import { isWritable, lateErrors, run, simulated } from '../support/streams.js'

const base = simulated({ system: 'van-der-pol', count: 300 })
const kinds: [string, LearnerOptions][] = [
  ['kalman', {}],
  ['adam', { optimizer: { kind: 'adam' } }],
  ['sgd', { optimizer: { kind: 'sgd' } }],
]

/** The same stream with other values or times. */
const changed = (change: (observation: Observation, i: number) => Partial<Observation>) =>
  base.map((observation, i) => ({ ...observation, ...change(observation, i) }))

const withOutliers = (size: number, at: readonly number[]) =>
  changed(({ y }, i) => (at.includes(i) ? { y: Float64Array.of(size, y[1]!) } : {}))

describe.each(kinds)('%s', (_, options) => {
  const runAll = (stream: readonly Observation[]): Estimate[] => {
    const estimates = run(new Learner(options), stream)
    expect(estimates.every(isWritable)).toBe(true)
    return estimates
  }

  it.each([1e3, 1e6, 1e30, 1e300])(
    'an outlier of %d does not stop it, and costs no more than persistence would',
    size => {
      const estimates = runAll(withOutliers(size, [150]))
      expect(estimates[150]!.score).toBeGreaterThan(10)
      expect(estimates.at(-1)!.update.count).toBeGreaterThan(290)
      const { model, persistence } = lateErrors(estimates, 100)
      // The mixture of two experts is the worse of them at most, but for the time it needs to see which.
      expect(model).toBeLessThan(1.05 * persistence)
    },
  )

  it('an outlier so large that the state has to be found anew leaves what was learned', () => {
    const [clean, spoiled] = [base, withOutliers(1e30, [150])].map(stream => lateErrors(runAll(stream), 100).model)
    // One update of hundreds was wrong, and cut.
    expect(spoiled).toBeLessThan(1.5 * clean!)
  })

  it('an outlier in the warm-up leaves it finite', () => {
    for (const size of [1e6, 1e300]) runAll(withOutliers(size, [20]))
  })

  it('F16: gaps from a microsecond to thirty years are crossed', () => {
    let t = 0
    runAll(changed((_observation, i) => ({ t: (t += 10 ** (((i * 7) % 16) - 6)) })))
  })

  it('F16: costs no more after a gap of thirty years than after one of a minute, and is no surer', () => {
    const gaps = crossGaps(options, 1)
    const of = (decade: number) => gaps.find(one => one.decade === decade)!
    expect(gaps.every(({ finite }) => finite)).toBe(true)
    // A minute is beyond ten typical gaps already.
    for (const { decade, evaluations, width } of gaps.filter(one => one.decade >= 2))
      expect([decade, evaluations, width]).toEqual([decade, of(9).evaluations, of(9).width])
    expect(of(9).evaluations).toBeLessThan(2 * of(-6).evaluations)
    expect(of(9).width).toBeGreaterThan(of(-6).width)
    // The soak demands 50.
    expect(Math.max(...gaps.map(({ milliseconds }) => milliseconds))).toBeLessThan(1000)
  })

  it('F16: one long gap is crossed and not learned across, and learning goes on behind it', () => {
    const learner = new Learner(options)
    const gapped = changed((observation, i) => ({ t: observation.t + (i < 200 ? 0 : 1e9) }))
    const before = run(learner, gapped.slice(0, 200)).at(-1)!.update.count
    const parameters = bits(learner.model!.parameters)
    const first = learner.observe(gapped[200]!)
    expect(first.update).toMatchObject({ count: before, rejected: expect.stringContaining('longer than maxGap') })
    expect(bits(learner.model!.parameters)).toBe(parameters)
    // A sweep that reached back across the gap would show what was before it: nothing is left of that.
    expect(learner.revise({ ...gapped[199]!, arrival: 'late' })).toBeUndefined()
    const rest = run(learner, gapped.slice(201))
    expect(rest.filter(({ update }) => update.rejected !== undefined)).toEqual([])
    expect(rest.at(-1)!.update.count).toBe(298)
  })

  it('F16: a stream that has become a hundred times slower is learned', () => {
    const start = base[200]!.t
    const slower = changed(({ t }) => ({ t: t <= start ? t : start + 100 * (t - start) }))
    const rejected = runAll(slower).flatMap(({ update }, i) => (update.rejected === undefined ? [] : [i]))
    // One in ten gaps is still short, and the long one after it is the first again.
    expect(rejected[0]).toBe(201)
    expect(rejected.length).toBeLessThan(20)
  })

  it('a constant stream is predicted exactly, or nearly so', () => {
    const late = runAll(changed(() => ({ y: Float64Array.of(20, 0) }))).slice(200)
    for (const { predicted } of late) {
      // One hundredth of the unit of such a channel, which is 0.4 of its value, and 1 at zero.
      expect(Math.abs(predicted[0]! - 20)).toBeLessThan(0.08)
      expect(Math.abs(predicted[1]!)).toBeLessThan(0.01)
    }
  })

  it('a channel that all but stood still in the warm-up is not lost when it moves', () => {
    const moves = changed(({ y }, i) => ({ y: Float64Array.of(i < 50 ? (i === 7 ? 5e-324 : 0) : y[0]!, y[1]!) }))
    for (const { predicted } of runAll(moves).slice(1)) expect(predicted).not.toContain(null)
  })

  it('a stream of nothing but missing values predicts nothing and learns nothing', () => {
    const estimates = runAll(changed(() => ({ y: Float64Array.of(Number.NaN, Number.NaN) })))
    for (const { predicted, interval, score, update } of estimates) {
      expect([...predicted, ...interval, score]).toEqual([null, null, null, null, null])
      expect(update.count).toBe(0)
    }
  })

  it('F21: a channel that is never measured stays null, and does not disturb the other', () => {
    const estimates = runAll(changed(({ y }) => ({ y: Float64Array.of(y[0]!, Number.NaN) })))
    for (const { predicted, interval } of estimates) expect([predicted[1], interval[1]]).toEqual([null, null])
    const seen = estimates.map(estimate => {
      return { ...estimate, observed: [estimate.observed[0]!], predicted: [estimate.predicted[0]!] }
    })
    const { model, persistence } = lateErrors(seen, 100)
    expect(model).toBeLessThan(persistence)
  })

  it('a channel that appears late is taken up', () => {
    const estimates = runAll(changed(({ y }, i) => (i < 150 ? { y: Float64Array.of(y[0]!, Number.NaN) } : {})))
    expect(estimates[150]!.predicted[1]).toBeNull()
    expect(estimates[151]!.predicted[1]).not.toBeNull()
  })

  it('F13: observations at one time are taken one after the other', () => {
    const estimates = runAll(changed((_observation, i) => ({ t: Math.floor(i / 3) })))
    expect(estimates.at(-1)!.update.count).toBe(299)
    runAll(changed(() => ({ t: 5 })))
  })

  it('values of any size are learned alike', () => {
    const errors = [1e-300, 1, 1e300].map(unit => {
      const { model, persistence } = lateErrors(
        runAll(changed(({ y }) => ({ y: y.map(value => value * unit) }))).map(estimate => ({
          ...estimate,
          observed: estimate.observed.map(value => value! / unit),
          predicted: estimate.predicted.map(value => value! / unit),
        })),
        100,
      )
      return model / persistence
    })
    // The same in the learner's units, up to rounding that chaotic learning amplifies.
    for (const error of errors) expect(error).toBeCloseTo(errors[1]!, 3)
  })

  it('goes on as persistence where the solver cannot', () => {
    const learner = new Learner({ ...options, solver: { maxSteps: 1, rtol: 1e-12, atol: 1e-12 } })
    const estimates = run(learner, base)
    expect(estimates.every(isWritable)).toBe(true)
    const failed = estimates.map((estimate, i) => ({ ...estimate, i })).filter(({ update }) => update.rejected)
    expect(failed.length).toBeGreaterThan(50)
    for (const { predicted, update, i } of failed) {
      expect(update.rejected).toMatch(/step budget/)
      // Last value and "model" are the same then; a mixture of equals rounds.
      expect(predicted[0]).toBeCloseTo(base[i - 1]!.y[0]!, 12)
    }
  })
})
