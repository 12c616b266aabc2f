import { expect, it } from 'vitest'
import { compareInterrupted } from '../support/interrupted.js'

const COUNT = Number(process.env.COUNT ?? 500)
const SEED = Number(process.env.SEED ?? 3)
const report = (what: string, resumed: number) =>
  console.log(
    `seed ${SEED}: ${what} ${COUNT} times, ${resumed} times went on from a checkpoint, 0 differences ` +
      `(95 % upper bound ${((100 * 3) / COUNT).toFixed(1)} %)`,
  )

it('F53: killed with -9 at random points, a run learns and writes what it would have without', async () => {
  const { resumed } = await compareInterrupted({ signal: 'SIGKILL', count: COUNT, seed: SEED, lines: 100 * COUNT })
  report('kill -9', resumed)
  expect(resumed).toBeGreaterThan(COUNT / 3)
})

it('F52: ended by SIGTERM at random points, it goes on exactly', async () => {
  const rotate = { bytes: 1_000_000, keep: 100 }
  const { resumed } = await compareInterrupted({
    signal: 'SIGTERM',
    count: COUNT,
    seed: SEED + 1,
    lines: 40 * COUNT,
    rotate,
  })
  report('SIGTERM', resumed)
  expect(resumed).toBe(COUNT - 1)
})
