import { describe, expect, it } from 'vitest'
import { fuzz, fuzzedFormats, heapInUse } from '../support/fuzzing.js'

const COUNT = Number(process.env.COUNT ?? 1_000_000)
const SEED = Number(process.env.SEED ?? 2)
/** Messages of one run: they are held in memory by the test. */
const AT_ONCE = 50_000

describe('a pipeline fed with damaged messages', () => {
  it('F20, F23, F27: throws nothing, learns nothing from what it rejects, and needs no memory for it', async () => {
    // Whatever is loaded and compiled at the first use is.
    for (const format of fuzzedFormats) await fuzz(format, Math.min(AT_ONCE, COUNT), SEED)
    const before = heapInUse()
    const perFormat = Math.ceil(COUNT / fuzzedFormats.length)
    let total = 0
    for (const format of fuzzedFormats) {
      const codes = new Map<string, number>()
      let [learned, received] = [0, 0]
      for (let done = 0; done < perFormat; done += AT_ONCE) {
        const count = Math.min(AT_ONCE, perFormat - done)
        const result = await fuzz(format, count, SEED + done)
        expect(result.received).toBe(result.learned + result.put)
        expect(result.identical, `${format.name}, seed ${SEED + done}`).toBe(true)
        learned += result.learned
        received += result.received
        total += count
        for (const [code, n] of Object.entries(result.codes)) codes.set(code, (codes.get(code) ?? 0) + n)
      }
      const counts = [...codes].map(([code, n]) => `${n} ${code}`).join(', ')
      console.log(`${format.name}, seed ${SEED}: ${received} received, ${learned} learned, ${counts}`)
    }
    const growth = heapInUse() - before
    console.log(
      `${total} messages, 0 thrown, 0 learned from a rejected one; heap ${(growth / 1024).toFixed(0)} KiB more`,
    )
    // A byte an event.
    expect(growth).toBeLessThan(Math.max(1 << 20, total))
  })
})
