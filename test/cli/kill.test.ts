import { expect, it } from 'vitest'
import { compareInterrupted } from '../support/interrupted.js'
import { SEED } from '../support/seed.js'

it('F53: 30 times killed with -9 at random points, a run learns and writes what it would have without', async () => {
  const { resumed } = await compareInterrupted({ signal: 'SIGKILL', count: 30, seed: SEED, lines: 6000 })
  expect(resumed).toBeGreaterThan(10) // they were not all killed before they had written anything
}, 120_000)

it('F52: 4 times ended by SIGTERM, it ends well each time and goes on exactly, in rotated files too', async () => {
  const rotate = { bytes: 100_000, keep: 50 }
  const { resumed } = await compareInterrupted({ signal: 'SIGTERM', count: 4, seed: SEED + 1, lines: 2000, rotate })
  expect(resumed).toBe(3)
}, 120_000)

it('F53: killed with -9 while worker threads learn, it goes on exactly, and ends as one thread would have', async () => {
  await compareInterrupted({ signal: 'SIGKILL', count: 5, seed: SEED + 2, lines: 6000, workers: 2 })
}, 120_000)
