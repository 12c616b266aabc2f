import { describe, expect, it } from 'vitest'
import { type FuzzedFormat, fuzz, fuzzedFormats } from '../support/fuzzing.js'
import { growthOf, settledHeap } from '../support/heap.js'

const COUNT = Number(process.env.COUNT ?? 1_000_000)
const SEED = Number(process.env.SEED ?? 2)
/** Messages of one run: they are held in memory by the test. */
const AT_ONCE = 10_000
/** Rounds before those that count: whatever is loaded, compiled, thrown away and compiled again has settled by then. */
const WARM_UP = 8

/** What has been counted of one format. */
class Count {
  received = 0
  learned = 0
  readonly codes = new Map<string, number>()

  async add(format: FuzzedFormat, count: number, seed: number): Promise<void> {
    const result = await fuzz(format, count, seed)
    expect(result.received).toBe(result.learned + result.put)
    expect(result.identical, `${format.name}, seed ${seed}`).toBe(true)
    this.received += result.received
    this.learned += result.learned
    for (const [code, n] of Object.entries(result.codes)) this.codes.set(code, (this.codes.get(code) ?? 0) + n)
  }

  toString(): string {
    const codes = [...this.codes].map(([code, n]) => `${n} ${code}`).join(', ')
    return `${this.received} received, ${this.learned} learned, ${codes}`
  }
}

describe('a pipeline fed with damaged messages', () => {
  it('F20, F23, F27: throws nothing, learns nothing from what it rejects, and needs no memory for it', async () => {
    const counts = fuzzedFormats.map(format => [format, new Count()] as const)
    const heap: number[] = []
    const atOnce = Math.min(AT_ONCE, Math.ceil(COUNT / fuzzedFormats.length))
    const rounds = Math.ceil(COUNT / (atOnce * fuzzedFormats.length))
    for (let round = -WARM_UP; round < rounds; round++) {
      for (const [format, count] of counts) await count.add(format, atOnce, SEED + (round + WARM_UP) * AT_ONCE)
      if (round >= 0) heap.push(await settledHeap())
    }
    const total = rounds * atOnce * fuzzedFormats.length
    for (const [{ name }, count] of counts) console.log(`${name}, seed ${SEED}: ${count}`)
    const growth = growthOf(heap)
    const readings = heap.map(bytes => Math.round((bytes - heap[0]!) / 1024)).join(' ')
    console.log(
      `${total} messages and ${WARM_UP} rounds before them, 0 thrown, 0 learned from a rejected one; heap ${(growth / 1024).toFixed(0)} KiB more (${readings})`,
    )
    // A byte an event, and by the rule for long runs 2 % of all of it.
    expect(growth).toBeLessThan(Math.max(1 << 20, total))
    expect(growth).toBeLessThan(0.02 * (heap[0] ?? Number.POSITIVE_INFINITY))
  })
})
