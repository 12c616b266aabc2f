import { describe, expect, it } from 'vitest'
import { learnBadValues } from '../support/bad-values.js'
import { decodeDamaged } from '../support/fuzzing.js'
import { growthOf, settledHeap } from '../support/heap.js'
import { SEED } from '../support/seed.js'

const VALUES = Number(process.env.VALUES ?? 100_000)
const MESSAGES = Number(process.env.MESSAGES ?? 5_000_000)
/** Messages between looks at the heap, and looks that do not count. */
const [EACH, WARM_UP] = [250_000, 2]

describe('payloads', () => {
  it('F20: values that are none are put aside, absurd ones doubted, and the rest learned as without', async () => {
    const { messages, made, found, huge, clipped, finite, identical } = await learnBadValues(VALUES, SEED)
    console.log(
      `seed ${SEED}: ${messages} messages, put aside ${JSON.stringify(found)} of ${JSON.stringify(made)} made, ${huge} absurd values, ${clipped} cut, ` +
        `all finite: ${finite}, as without: ${identical}`,
    )
    expect(found).toEqual(made)
    expect([finite, identical]).toEqual([true, true])
    expect(clipped).toBeGreaterThan(0)
  })

  it('F20, F23, F27: damaged messages become dead letters or finite observations, and cost no memory', async () => {
    let [letters, observations] = [0, 0]
    const heap: number[] = []
    for (let done = 0; done < MESSAGES; done += EACH) {
      const found = await decodeDamaged(Math.min(EACH, MESSAGES - done), SEED + done)
      letters += found.letters
      observations += found.observations
      if (done >= WARM_UP * EACH) heap.push(await settledHeap())
    }
    const growth = growthOf(heap)
    console.log(
      `seed ${SEED}: ${MESSAGES} damaged messages decoded, ${letters} dead letters, ${observations} observations, 0 thrown; ` +
        `heap ${(growth / 1024).toFixed(0)} KiB more (95 % upper bound of failures ${(3 / MESSAGES).toExponential(1)})`,
    )
    expect(letters).toBeGreaterThan(MESSAGES / 5)
    expect(growth).toBeLessThan(Math.max(1 << 20, MESSAGES))
  })
})
