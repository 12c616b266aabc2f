import { describe, expect, it } from 'vitest'
import type { Estimate } from '../../src/estimate.js'
import { PrequentialScore } from '../../src/learn/prequential-score.js'
import { Section } from '../../src/section.js'

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

  it('F20: is finite for values as large as a double holds, and goes on from what was stored', () => {
    const score = new PrequentialScore()
    for (const value of [0, 1e308, -1e308]) score.observe(estimate(value, 0))
    const restored = new PrequentialScore()
    restored.restore(new Section(score.save()))
    for (const each of [score, restored]) {
      const [channel] = each.observe(estimate(0, 0)).channels
      expect(channel!.rmse / 1e308).toBeCloseTo(Math.sqrt(2 / 3), 12)
      expect(channel!.mae / 1e308).toBeCloseTo(2 / 3, 12)
      // 1, and twice that is more than there is.
      expect(channel!.persistence / 1e308).toBeCloseTo(Math.sqrt((2 + (Number.MAX_VALUE / 1e308) ** 2) / 3), 12)
    }
  })

  it('F45: goes on from what versions have stored that did not know a unit', () => {
    const score = new PrequentialScore()
    score.restore(new Section({ count: 3, channels: [Float64Array.of(2, 25, 7, 10, 0, 0, 4)] }))
    expect(score.scores.channels[0]).toMatchObject({ count: 2, rmse: Math.sqrt(25 / 2), mae: 3.5 })
  })
})
