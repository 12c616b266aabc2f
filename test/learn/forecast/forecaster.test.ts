import { describe, expect, it } from 'vitest'
import { Forecaster } from '../../../src/learn/forecast/forecaster.js'
import { Learner } from '../../../src/learn/learner.js'
import { createModel } from '../../../src/learn/model/model.js'
import { GradientRule } from '../../../src/learn/rules/gradient.js'
import { KalmanRule } from '../../../src/learn/rules/kalman.js'
import type { LearningRule } from '../../../src/learn/rules/learning-rule.js'
import { sgd } from '../../../src/learn/rules/sgd.js'
import { methods } from '../../../src/ode/methods/index.js'
import { systems } from '../../../streams/simulate/systems.js'
import { path } from '../../support/paths.js'
import { rungeKutta } from '../../support/runge-kutta.js'
import { run, simulated } from '../../support/streams.js'

const stream = simulated({ system: 'van-der-pol', count: 1000, noise: 0.02 })

describe('predict', () => {
  it('is persistence without an interval during the warm-up, and nothing before the first observation', () => {
    const learner = new Learner({ warmup: 20 })
    expect(learner.predict([1])).toEqual([{ t: 1, predicted: [], interval: [] }])
    run(learner, stream.slice(0, 10))
    const last = stream[9]!
    expect(learner.predict([last.t + 1, last.t + 2])).toEqual(
      [1, 2].map(ahead => ({ t: last.t + ahead, predicted: Array.from(last.y), interval: [null, null] })),
    )
  })

  it('knows the future of a system it has learned, and how well', () => {
    const learner = new Learner()
    run(learner, stream.slice(0, 700))
    let [inside, values] = [0, 0]
    for (const { t, y, ...rest } of stream.slice(700, 800)) {
      learner.observe({ t, y, ...rest })
      const ahead = [0.5, 1, 2]
      const forecast = learner.predict(ahead.map(time => t + time))
      forecast.forEach(({ predicted, interval }, n) => {
        const truth = rungeKutta(systems['van-der-pol'].evaluate, y, ahead[n]!, 0.01)
        predicted.forEach((value, j) => {
          // A quarter of the amplitude of 2; persistence is off by that and more.
          expect(Math.abs(value! - truth[j]!)).toBeLessThan(0.5)
          values++
          if (interval[j]![0] <= truth[j]! && truth[j]! <= interval[j]![1]) inside++
        })
      })
    }
    // The level is 0.9 for the next observation; further ahead the variance is an estimate, of overlapping stretches.
    expect(inside / values).toBeGreaterThan(0.75)
  })

  it('is what the next estimate says, but for the tolerance of the solver', () => {
    const learner = new Learner()
    run(learner, stream.slice(0, 500))
    for (const observation of stream.slice(500, 520)) {
      const [ahead] = learner.predict([observation.t])
      const { predicted } = learner.observe(observation)
      // rtol 1e-4 over a window of sixteen stretches; the look ahead chooses its first step anew.
      predicted.forEach((value, j) => {
        expect(Math.abs(ahead!.predicted[j]! - value!)).toBeLessThan(2e-3)
      })
    }
  })

  it('is less sure the further it looks', () => {
    const learner = new Learner()
    run(learner, stream.slice(0, 500))
    const from = stream[499]!.t
    const widths = learner.predict([0, 0.3, 1, 3].map(time => from + time)).map(({ interval }) => {
      const [low, high] = interval[0]!
      return high - low
    })
    expect(widths[1]).toBeGreaterThan(widths[0]!)
    expect(widths[3]).toBeGreaterThan(widths[1]!)
  })

  it('falls back to persistence where the solver does not get, however far that is', () => {
    const learner = new Learner()
    run(learner, stream.slice(0, 100))
    const { t, y } = stream[99]!
    const [near, far] = learner.predict([t + 1, t + 1e9])
    expect(near!.interval).not.toEqual([null, null])
    expect(far).toEqual({ t: t + 1e9, predicted: Array.from(y), interval: [null, null] })
  })

  it('of no time is nothing, and a time that has passed is now', () => {
    const learner = new Learner()
    run(learner, stream.slice(0, 100))
    const { t } = stream[99]!
    expect(learner.predict([])).toEqual([])
    const [past, present] = learner.predict([t - 100, t])
    expect(past!.predicted).toEqual(present!.predicted)
  })
})

describe('the variance of a forecast', () => {
  /** f = w z + b, which starts at zero, observed with a gain of one: persistence, whose sensitivities are known. */
  const model = createModel({ channels: 1, augment: 0, dynamics: { hidden: [], skip: false } })
  const [w, b] = Array.from(model.spread, deviation => deviation ** 2) as [number, number]
  const solver = { method: methods.rk4, step: 0.5 }
  const now = path(Float64Array.of(2), [], [])
  const at = (rule: LearningRule, horizons: number[]) =>
    new Forecaster(model, rule, solver).forecast(now, horizons).map(({ variance }) => variance![0]!)

  it('is that of the noise and of the innovations to come, each of which moves the state', () => {
    const rule = new GradientRule(model, sgd)
    rule.noise[0] = 0.25
    // One innovation a typical gap, at 1 and 2 before 3; at most 64 of them, which then count for more.
    expect(at(rule, [1, 3])).toEqual([0.25, 0.25 * 3])
    expect(at(rule, [128])[0]).toBeCloseTo(0.25 * (1 + 2 * 63), 10)
  })

  it('and that of the parameters: ψᵀPψ with ψ = h z by w and h by b', () => {
    const [near, far] = at(new KalmanRule(model), [1, 3])
    // Sums of a few products; the noise of a new rule is one.
    expect(near).toBeCloseTo(1 + w * 4 + b, 12)
    expect(far).toBeCloseTo(3 + w * 36 + b * 9, 12)
  })
})
