import { describe, expect, it } from 'vitest'
import { surprise } from '../../../src/learn/intervals/chi-square.js'
import { ScoreScale } from '../../../src/learn/intervals/score-scale.js'
import { Random } from '../../../src/random.js'

const COUNT = 20_000

/** Share of the scores above `level` in the second half, and the scale that gave them. */
function alarms(standardised: (random: Random) => number, level: number): [share: number, scale: ScoreScale] {
  const random = new Random(1)
  const scale = new ScoreScale()
  let count = 0
  for (let k = 0; k < COUNT; k++) {
    const score = scale.score(surprise(standardised(random) ** 2, 1))
    if (k >= COUNT / 2 && score > level) count++
  }
  return [count / (COUNT / 2), scale]
}

const streams: Record<string, (random: Random) => number> = {
  normal: random => random.normal(),
  'twice as wide as predicted': random => 2 * random.normal(),
  'heavy-tailed': random => random.normal() / Math.sqrt(random.exponential()),
  skewed: random => random.exponential(),
}

describe('the scale of scores', () => {
  it.each(Object.keys(streams))('lets one in a hundred exceed 2 on a %s stream', name => {
    const [share] = alarms(streams[name]!, 2)
    // Two exceedances in a row count once: 1 % of them. Binomial deviation of 10 000 at 1 %: 0.1 %; the scale follows it.
    expect(share).toBeGreaterThan(0.007)
    expect(share).toBeLessThan(0.013)
  })

  it('leaves nearly alone what is normal, and what is calmer altogether', () => {
    const score = (scale: ScoreScale, sigmas: number) => scale.score(surprise(sigmas ** 2, 1), false)
    const [, normal] = alarms(streams.normal!, 2)
    expect(score(normal, 8)).toBeGreaterThan(surprise(64, 1) / 1.3)
    const [share, calm] = alarms(random => 0.1 * random.normal(), 2)
    expect([share, score(calm, 8)]).toEqual([0, surprise(64, 1)])
  })

  it('is raised once by an anomaly, however long it lasts', () => {
    const scale = new ScoreScale()
    for (let k = 0; k < 1000; k++) scale.score(30)
    expect(scale.score(30, false)).toBeGreaterThan(30 / 1.06)
  })

  it('never divides by more than ten', () => {
    const scale = new ScoreScale()
    for (let k = 0; k < 1000; k++) scale.score(k % 2 === 0 ? 1e6 : 0)
    expect(scale.score(30, false)).toBeGreaterThanOrEqual(3 - 1e-9)
  })
})
