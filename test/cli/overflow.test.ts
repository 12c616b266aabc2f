import { describe, expect, it } from 'vitest'
import { OVERFLOW_POLICIES } from '../../src/names.js'
import { accountAfterKills } from '../support/interrupted-burst.js'
import { SEED } from '../support/seed.js'

// All combinations are in the soak.
const cases = OVERFLOW_POLICIES.map((policy, i) => ({ policy, workers: i % 2 ? 2 : 0, recorded: i % 3 === 2 }))

describe('F05, F53: bursts that are more than can be learned, and a kill -9 in the middle', () => {
  it.each(cases)('leave everything in one place: $policy, workers $workers, recorded $recorded', async one => {
    const { dropped } = await accountAfterKills({ ...one, kills: 1, seed: SEED, size: 1000 })
    expect(dropped > 0).toBe(one.policy.startsWith('drop') || one.policy === 'coalesce')
  })
})
