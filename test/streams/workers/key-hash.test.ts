import { describe, expect, it } from 'vitest'
import { workerOf } from '../../../streams/workers/key-hash.js'

describe('workerOf', () => {
  it('stays what it is: checkpoints find their keys by it', () => {
    expect(['', 'a', 'room-1', 'Zürich', '温度'].map(key => workerOf(key, 1 << 30))).toMatchInlineSnapshot(`
      [
        18718716,
        604889396,
        1048949637,
        478194751,
        241739606,
      ]
    `)
  })

  it('gives every worker about the same number of keys', () => {
    for (const count of [2, 3, 4, 7]) {
      const shares = new Array<number>(count).fill(0)
      for (let i = 0; i < 10_000; i++) shares[workerOf(`sensor-${i}`, count)]!++
      // Binomial: five standard deviations.
      const spread = 5 * Math.sqrt((10_000 / count) * (1 - 1 / count))
      for (const share of shares) expect(Math.abs(share - 10_000 / count)).toBeLessThan(spread)
    }
  })
})
