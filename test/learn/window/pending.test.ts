import { describe, expect, it } from 'vitest'
import { Learner } from '../../../src/learn/learner.js'
import { Random } from '../../../src/random.js'

/** 20, one a second, with a little noise; 80 from observation `from` on, for as many as given. */
function level({ from = 300, length = Infinity, again = Infinity }, seed = 2) {
  const random = new Random(seed)
  const high = (i: number) => (i >= from && i < from + length) || (i >= again && i < again + length)
  return Array.from({ length: 420 }, (_, i) => ({
    key: '',
    t: i,
    y: Float64Array.of((high(i) ? 80 : 20) + 0.1 * random.normal()),
  }))
}

describe('after a value that may have been a glitch or a jump', () => {
  it('the prediction goes a fifth of the way, the interval holds both, and neither of them is an alarm', () => {
    for (const length of [1, Infinity]) {
      const learner = new Learner()
      const estimates = level({ length }).map(o => learner.observe(o))
      const { predicted, interval, score, observed } = estimates[301]!
      expect(Math.abs(predicted[0]! - 32)).toBeLessThan(1)
      expect(interval[0]![0]).toBeLessThan(20)
      expect(interval[0]![1]).toBeGreaterThan(80)
      expect(estimates[300]!.score).toBeGreaterThan(3)
      expect(score).toBeLessThan(2)
      expect(Math.abs(estimates[303]!.predicted[0]! - observed[0]!)).toBeLessThan(2)
    }
  })

  it('what looks ahead says so, too', () => {
    const learner = new Learner()
    const stream = level({})
    for (const observation of stream.slice(0, 301)) learner.observe(observation)
    const [ahead] = learner.predict([301])
    const { predicted, interval } = learner.observe(stream[301]!)
    expect(ahead!.predicted[0]! - predicted[0]!).toBeCloseTo(0, 3)
    expect(ahead!.interval[0]![1]).toBeGreaterThan(interval[0]![1] - 1)
  })

  it('nothing is given to it where the channel has had a glitch before', () => {
    const learner = new Learner()
    const estimates = level({ length: 1, again: 350 }).map(o => learner.observe(o))
    expect(estimates[350]!.update.clipped).toBe(1)
    const { predicted, interval } = estimates[351]!
    expect(Math.abs(predicted[0]! - 20)).toBeLessThan(1)
    expect(interval[0]![1]).toBeLessThan(22)
  })
})
