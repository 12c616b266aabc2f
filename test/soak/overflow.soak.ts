import { describe, expect, it } from 'vitest'
import { OVERFLOW_POLICIES } from '../../src/names.js'
import { accountAfterKills } from '../support/interrupted-burst.js'

const KILLS = Number(process.env.KILLS ?? 10)
const SEED = Number(process.env.SEED ?? 4)

const cases = OVERFLOW_POLICIES.flatMap(policy =>
  [0, 2].flatMap(workers => [false, true].map(recorded => ({ policy, workers, recorded }))),
)

describe('F05, F53: bursts that are more than can be learned, killed with -9 again and again', () => {
  it.each(cases)('leave everything in one place: $policy, workers $workers, recorded $recorded', async one => {
    const account = await accountAfterKills({ ...one, kills: KILLS, seed: SEED, size: 3000 })
    const recorded = one.recorded ? ', recorded' : ''
    console.log(
      `seed ${SEED}: ${one.policy}, ${one.workers || 'no'} workers${recorded}: ${KILLS} kills, ${JSON.stringify(account)}`,
    )
    expect(account.received).toBeGreaterThan(0)
  })
})
