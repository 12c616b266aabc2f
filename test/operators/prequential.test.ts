import { from } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Estimate } from '../../src/estimate.js'
import { prequential } from '../../src/operators/prequential.js'
import { marbles } from '../support/marbles.js'
import { collect, describeOperatorContract } from '../support/operator-contract.js'

type Value = number | null

/** One channel. */
function estimate(t: number, observed: Value, predicted: Value, interval: [number, number] | null = null): Estimate {
  return {
    key: 'k',
    t,
    observed: [observed],
    predicted: [predicted],
    interval: [interval],
    score: null,
    loss: null,
    update: { count: 0, gradientNorm: 0 },
    evaluations: { forward: 0, backward: 0 },
  }
}

const estimates = [
  estimate(0, 1, null),
  estimate(1, 3, 1),
  estimate(2, null, 3, [2, 4]),
  estimate(3, 4, 6, [5, 7]),
  estimate(4, 8, 8, [7, 9]),
]

describeOperatorContract('prequential', { create: prequential, inputs: estimates })

describe('prequential', () => {
  it('counts every estimate, and scores those that can be compared with a value', () => {
    const { values } = collect(from(estimates).pipe(prequential()))
    expect(values.map(({ count }) => count)).toEqual([1, 2, 3, 4, 5])
    expect(values.map(({ channels }) => channels[0]!.count)).toEqual([0, 1, 1, 2, 3])
    // Errors −2, 2, 0 of the predictions; 2, 1, 4 of the last measured value.
    expect(values.at(-1)!.channels[0]).toEqual({
      count: 3,
      rmse: Math.sqrt(8 / 3),
      mae: 4 / 3,
      persistence: Math.sqrt(21 / 3),
      coverage: 1 / 2,
    })
  })

  it('has no coverage before there was an interval', () => {
    const { values } = collect(from(estimates.slice(0, 3)).pipe(prequential()))
    expect(values.map(({ channels }) => channels[0]!.coverage)).toEqual([null, null, null])
  })

  it('scores each channel on its own', () => {
    const both = estimates.map(e => ({
      ...e,
      observed: [...e.observed, 0],
      predicted: [...e.predicted, 1],
      interval: [...e.interval, null],
    }))
    const last = collect(from(both).pipe(prequential())).values.at(-1)!
    expect(last.channels[0]).toEqual(collect(from(estimates).pipe(prequential())).values.at(-1)!.channels[0])
    expect(last.channels[1]).toEqual({ count: 4, rmse: 1, mae: 1, persistence: 0, coverage: null })
  })

  it('gives scores that do not change afterwards', () => {
    marbles(({ hot, expectObservable }) => {
      const source = hot('a-b-|', { a: estimates[0]!, b: estimates[1]! })
      const first = { count: 0, rmse: Number.NaN, mae: Number.NaN, persistence: Number.NaN, coverage: null }
      const second = { count: 1, rmse: 2, mae: 2, persistence: 2, coverage: null }
      expectObservable(source.pipe(prequential())).toBe('x-y-|', {
        x: { count: 1, channels: [first] },
        y: { count: 2, channels: [second] },
      })
    })
  })

  it('starts anew in a new subscription', () => {
    const operator = prequential()
    const [first, second] = [1, 2].map(() => collect(from(estimates).pipe(operator)).values)
    expect(second).toEqual(first)
  })
})
