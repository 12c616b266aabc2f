import { describe, expect, it } from 'vitest'
import { IntervalWidth } from '../../../src/learn/intervals/interval-width.js'
import { Random } from '../../../src/random.js'
import { Section } from '../../../src/section.js'

describe('the interval width', () => {
  it.each([
    [0.5, 0.6744897501960817],
    [0.9, 1.6448536269514722],
    [0.99, 2.5758293035489004],
  ])('starts at the normal quantile of the level %d', (level, quantile) => {
    // Ten digits of the probability, through a bisection.
    expect(new IntervalWidth(1, level).factor(0)).toBeCloseTo(quantile, 9)
  })

  const streams: Record<string, (random: Random, k: number) => number> = {
    normal: random => random.normal(),
    'heavy-tailed': random => random.normal() / (random.uniform() + 1e-3),
    skewed: random => random.exponential() ** 3,
    'of changing scale': (random, k) => random.normal() * (1 + 9 * Number(Math.floor(k / 1000) % 2)),
  }

  it.each(Object.keys(streams))('holds the level on a %s stream', name => {
    const COUNT = 20_000
    for (const level of [0.5, 0.9, 0.99]) {
      const random = new Random(1)
      const width = new IntervalWidth(1, level)
      let inside = 0
      for (let k = 0; k < COUNT; k++) {
        const error = streams[name]!(random, k)
        if (Math.abs(error) <= width.factor(0)) inside++
        width.observe(0, error)
      }
      // Exact bookkeeping: the sum of all moves is |ln width − ln first width| ≤ 6, at 0.05 a move.
      expect(Math.abs(inside / COUNT - level)).toBeLessThan(6 / 0.05 / COUNT)
    }
  })

  it('a miss widens, a hit narrows a little, other channels stay', () => {
    const width = new IntervalWidth(2, 0.9)
    const before = width.factor(0)
    width.observe(0, 10)
    expect(width.factor(1)).toBe(before)
    const wider = width.factor(0)
    expect(wider).toBeGreaterThan(before)
    width.observe(0, 0)
    expect(width.factor(0)).toBeLessThan(wider)
    expect(width.factor(0)).toBeGreaterThan(before)
  })

  it('is not narrower than the normal one for the first hundred values, and is as wide as it must be afterwards', () => {
    const width = new IntervalWidth(1, 0.9)
    const normal = width.factor(0)
    for (let k = 1; k < 100; k++) {
      width.observe(0, 0)
      expect(width.factor(0)).toBe(normal)
    }
    width.observe(0, 0)
    expect(width.factor(0)).toBeLessThan(normal)
  })

  it('goes on from a checkpoint that has no counts as one that is no longer new', () => {
    const width = new IntervalWidth(1, 0.9)
    width.restore(new Section({ logWidth: Float64Array.of(0.3) }))
    expect(width.factor(0)).toBeCloseTo(Math.exp(0.3), 12)
    width.observe(0, 0)
    expect(width.factor(0)).toBeLessThan(Math.exp(0.3))
  })

  it('stays usable when errors are always zero, or never finite', () => {
    const width = new IntervalWidth(2, 0.9)
    for (let k = 0; k < 1000; k++) {
      width.observe(0, 0)
      width.observe(1, Infinity)
    }
    expect(width.factor(0)).toBeGreaterThan(0)
    expect(width.factor(1)).toBeLessThan(Infinity)
  })
})
