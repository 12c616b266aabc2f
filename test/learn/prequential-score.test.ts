import { describe, expect, it } from 'vitest'
import type { Estimate } from '../../src/estimate.js'
import { PrequentialScore } from '../../src/learn/prequential-score.js'

/** An estimate of one channel. */
const estimate = (
  observed: number | null,
  predicted: number | null,
  range: [number, number] | null = null,
): Estimate => ({
  key: '',
  t: 0,
  observed: [observed],
  predicted: [predicted],
  interval: [range],
  score: null,
  loss: null,
  update: { count: 0, gradientNorm: 0 },
  evaluations: { forward: 0, backward: 0 },
})

describe('the prequential score', () => {
  it('is RMSE, MAE and the RMSE of persistence over the same values', () => {
    const score = new PrequentialScore()
    score.observe(estimate(0, null))
    score.observe(estimate(3, 0))
    const { count, channels } = score.observe(estimate(4, 8))
    expect(count).toBe(3)
    expect(channels).toEqual([
      { count: 2, rmse: Math.sqrt((9 + 16) / 2), mae: 3.5, persistence: Math.sqrt((9 + 1) / 2), coverage: null },
    ])
  })

  it('passes over missing values, and remembers the last one for persistence', () => {
    const score = new PrequentialScore()
    score.observe(estimate(1, null))
    score.observe(estimate(null, 5))
    const [channel] = score.observe(estimate(3, 2)).channels
    expect([channel!.count, channel!.rmse, channel!.persistence]).toEqual([1, 1, 2])
  })

  it('counts the values inside their interval, its ends included', () => {
    const score = new PrequentialScore()
    score.observe(estimate(1, 0, [0, 1]))
    score.observe(estimate(0, 0, [0, 1]))
    score.observe(estimate(2, 0, [0, 1]))
    score.observe(estimate(0.5, 0, null))
    expect(score.observe(estimate(null, 0, [0, 1])).channels[0]!.coverage).toBe(2 / 3)
  })
})
