import { identity, type OperatorFunction, Subject, take } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { perKey } from '../../src/operators/per-key.js'
import { settledHeap } from '../support/heap.js'

const KEYS = 100_000
const MIB = 2 ** 20

interface Item {
  readonly key: string
}

/** Bytes that a hundred thousand keys, one value each, leave on the heap while the stream goes on. */
async function leftBehind(operator: OperatorFunction<Item, Item>) {
  const source = new Subject<Item>()
  let passed = 0
  const subscription = source.pipe(operator).subscribe(() => passed++)
  // What is made once.
  for (let n = 0; n < 2000; n++) source.next({ key: `warm ${n}` })
  const before = await settledHeap()
  passed = 0
  for (let n = 0; n < KEYS; n++) source.next({ key: `key ${n}` })
  const bytes = (await settledHeap()) - before
  subscription.unsubscribe()
  return { bytes, passed }
}

describe('X10: a hundred thousand keys', () => {
  it('take the memory of as many as may be open', async () => {
    let refused = 0
    const operator = perKey<Item, Item>(() => identity, { maxKeys: 1000, refused: () => refused++ })
    const { bytes, passed } = await leftBehind(operator)
    expect(passed).toBe(0)
    expect(refused).toBe(KEYS + 1000)
    expect(bytes).toBeLessThanOrEqual(MIB)
  })

  it('take no memory once their pipelines have ended', async () => {
    const { bytes, passed } = await leftBehind(perKey<Item, Item>(() => take(1), { maxKeys: 1000 }))
    expect(passed).toBe(KEYS)
    expect(bytes).toBeLessThanOrEqual(MIB)
  })
})
