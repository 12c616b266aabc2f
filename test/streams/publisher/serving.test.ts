import { describe, expect, it } from 'vitest'
import { quantile, serveForReal } from '../../support/serving.js'

describe('a pipeline with two hundred subscribers', () => {
  it('F31, F32: serves those that read, sends away those that do not, and learns the same as without any', async () => {
    const observations = 150
    const served = await serveForReal({ subscribers: 205, stalled: 5, observations, rate: 30 })
    expect(served.served).toBe(served.alone)
    expect(served.served.trimEnd().split('\n')).toHaveLength(observations)
    expect([served.least, served.most, served.disturbed]).toEqual([observations, observations, 0])
    expect(served.evicted).toBe(5)
    expect(served.seen.estimates).toBe(observations)
    // The soak measures; here a busy machine must not fail the test.
    expect(quantile(served.delays, 0.5)).toBeLessThan(1)
  })
})
