import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NoiseEstimate } from '../../../src/learn/rules/noise.js'
import { Random } from '../../../src/random.js'

describe('the noise estimate', () => {
  it('comes to the variance of what the model cannot explain', () => {
    const random = new Random(1)
    const noise = new NoiseEstimate(2)
    let sum = 0
    for (let k = 0; k < 6000; k++) {
      noise.observe(0, 0.3 * random.normal(), 0)
      if (k >= 1000) sum += noise.variance[0]!
    }
    // A normal variable cut at three standard deviations loses 2.5 % of its variance; the rest is sampling: 5000 correlated
    // values, about a hundred independent ones of 14 % each.
    expect(sum / 5000).toBeGreaterThan(0.09 * 0.9)
    expect(sum / 5000).toBeLessThan(0.09 * 1.05)
    expect(noise.variance[1]).toBe(1)
  })

  it('stays positive, falls by a tenth at most, and rises within bounds, whatever comes', () => {
    const innovation = fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -5, max: 5 }))
    const explained = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e6, noNaN: true }))
    fc.assert(
      fc.property(fc.array(fc.tuple(innovation, explained), { maxLength: 200 }), observations => {
        const noise = new NoiseEstimate(1)
        for (const [e, part] of observations) {
          const before = noise.variance[0]!
          noise.observe(0, e, part)
          const after = noise.variance[0]!
          expect(after).toBeGreaterThanOrEqual(Math.max(0.9 * before, 1e-8))
          // One innovation counts as three standard deviations, at a rate of a quarter at most.
          expect(after).toBeLessThanOrEqual(before + 0.25 * 9 * (before + part))
        }
      }),
    )
  })

  it('is not carried off by an outlier', () => {
    const noise = new NoiseEstimate(1)
    for (let k = 0; k < 500; k++) noise.observe(0, k % 2 === 0 ? 0.1 : -0.1, 0)
    const before = noise.variance[0]!
    noise.observe(0, 1e200, 0)
    // Three standard deviations at a rate of 0.02.
    expect(noise.variance[0]! / before).toBeLessThan(1.2)
  })

  it('goes on exactly from its stored state', () => {
    const random = new Random(2)
    const [original, restored] = [new NoiseEstimate(1), new NoiseEstimate(1)]
    for (let k = 0; k < 10; k++) original.observe(0, random.normal(), 0.1)
    restored.state.noise.set(original.state.noise)
    restored.state.noiseCounts.set(original.state.noiseCounts)
    for (let k = 0; k < 10; k++) {
      const innovation = random.normal()
      original.observe(0, innovation, 0.1)
      restored.observe(0, innovation, 0.1)
    }
    expect(restored.variance).toEqual(original.variance)
  })
})
