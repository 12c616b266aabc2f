import { describe, expect, it } from 'vitest'
import { burstForReal } from '../../support/bursting.js'

describe('F05: a burst of a hundred times the rate, over real sockets', () => {
  it.each(['drop-oldest', 'coalesce'] as const)(
    'is accounted for to the last message by the policy %s',
    async policy => {
      const { sent, accounting, fullest, growth } = await burstForReal({
        policy,
        limit: 256,
        phases: [
          { rate: 100, seconds: 0.3 },
          { rate: 10_000, seconds: 0.4 },
          { rate: 100, seconds: 0.3 },
        ],
      })
      const { received, queued, learned, skipped, dropped, ...others } = accounting
      expect([received, queued, learned + skipped + dropped]).toEqual([sent, 0, sent])
      expect(Object.values(others)).toEqual([0, 0, 0, 0])
      expect(fullest).toBeLessThanOrEqual(1)
      expect(growth).toBeLessThanOrEqual(64)
    },
  )
})
