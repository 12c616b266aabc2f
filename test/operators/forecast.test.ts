import { from, map } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Estimate } from '../../src/estimate.js'
import { Learner } from '../../src/learn/learner.js'
import { forecast } from '../../src/operators/forecast.js'
import { learn } from '../../src/operators/learn.js'
import { marbles } from '../support/marbles.js'
import { at, MISSING, oscillation } from '../support/observations.js'
import { collect, describeOperatorContract } from '../support/operator-contract.js'

/** A learner that has learned one observation a second from 0 to 11. */
function learned(): { learner: Learner; estimates: Estimate[] } {
  const learner = new Learner({ warmup: 2, window: 4 })
  return { learner, estimates: oscillation(12).map(observation => learner.observe(observation)) }
}

const { learner: shared, estimates } = learned()
describeOperatorContract('forecast', {
  create: () => forecast(shared, { every: 2, horizon: 3 }),
  inputs: estimates.slice(6),
})

describe('forecast', () => {
  const byTime = Object.fromEntries(estimates.slice(0, 10).map((estimate, i) => [i, estimate]))

  it('is due whenever `every` seconds of event time have passed since the last one', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --0--1--2--3--4--|', byTime)
      const expected = '    --0-----2-----4--|'
      const subscription = '^----------------!'
      const times = source.pipe(
        forecast(learned().learner, { every: 2, horizon: 1 }),
        map(({ t }) => `${t}`),
      )
      expectObservable(times).toBe(expected)
      expectSubscriptions(source.subscriptions).toBe(subscription)
    })
  })

  it('does not make up for what a gap has skipped', () => {
    const times = [0, 1, 7, 8, 9, 10, 11].map(i => estimates[i]!)
    const seen = collect(from(times).pipe(forecast(shared, { every: 3, horizon: 1 })))
    expect(seen.values.map(({ t }) => t)).toEqual([0, 7, 10])
  })

  it('makes one after every estimate when `every` is 0', () => {
    const seen = collect(from(estimates).pipe(forecast(shared, { every: 0, horizon: 1 })))
    expect(seen.values.map(({ t }) => t)).toEqual(estimates.map(({ t }) => t))
  })

  it('looks at equally spaced times up to the horizon, and at the horizon alone by default', () => {
    const [last] = estimates.slice(-1)
    const timesOf = (points?: number) => {
      const options = { every: 1, horizon: 6, ...(points !== undefined && { points }) }
      return collect(from([last!]).pipe(forecast(shared, options))).values[0]!.forecast.map(({ t }) => t)
    }
    expect(timesOf()).toEqual([17])
    expect(timesOf(3)).toEqual([13, 15, 17])
  })

  it('gives what the learner predicts, with the key and time of the estimate', () => {
    const [last] = estimates.slice(-1)
    const seen = collect(from([last!]).pipe(forecast(shared, { every: 1, horizon: 2, points: 2 })))
    expect(seen.values).toEqual([{ key: 'k', t: 11, forecast: shared.predict([12, 13]) }])
    expect(seen.values[0]!.forecast[0]!.interval[0]).not.toBeNull()
  })

  it('says nothing during the warm-up', () => {
    const learner = new Learner({ warmup: 5, window: 4 })
    const operator = forecast(learner, { every: 0, horizon: 1 })
    const seen = collect(from(oscillation(7)).pipe(learn(learner), operator))
    // The fifth observation ends the warm-up.
    expect(seen.values.map(({ t }) => t)).toEqual([4, 5, 6])
  })

  it('does not change what the learner does next, to the bit', () => {
    const [plain, asked] = [learned(), learned()]
    const operator = forecast(asked.learner, { every: 0, horizon: 50, points: 20 })
    const seen = collect(from(asked.estimates).pipe(operator))
    expect(seen.values).toHaveLength(12)
    const rest = [at(12, 0.3, -0.2), at(14.5, MISSING, 1), at(14.5, 2, 2)]
    expect(rest.map(o => asked.learner.observe(o))).toEqual(rest.map(o => plain.learner.observe(o)))
  })

  it('starts anew in a new subscription', () => {
    const operator = forecast(shared, { every: 100, horizon: 1 })
    const times = [1, 2].map(() => collect(from(estimates).pipe(operator)).values.map(({ t }) => t))
    expect(times).toEqual([[0], [0]])
  })
})
