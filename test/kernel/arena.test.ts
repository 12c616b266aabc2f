import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { Arena } from '../../src/kernel/arena.js'
import { ArenaArray } from '../../src/kernel/arena-array.js'

describe('the memory of the kernels', () => {
  it('gives pieces of zeros that do not overlap', () => {
    const arena = new Arena()
    const arrays = Array.from({ length: 50 }, (_, k) => arena.arrays(3, k + 1)!).flat()
    for (const [k, array] of arrays.entries()) array.fill(k)
    expect(arrays.every((array, k) => array.every(value => value === k))).toBe(true)
    expect(new Set(arrays.map(array => array.address % 64))).toEqual(new Set([0]))
  })

  it('grows without making views stale', () => {
    const arena = new Arena()
    const [first] = arena.arrays(1, 10)!
    first!.fill(7)
    const before = arena.size
    const later = Array.from({ length: 20 }, () => arena.arrays(1, 100_000)![0]!)
    expect(arena.size).toBeGreaterThan(before)
    expect(Array.from(first!)).toEqual(new Array(10).fill(7))
    later.at(-1)!.fill(1)
    first!.fill(8)
    expect([first![0], later[0]![0], later.at(-1)![99_999]]).toEqual([8, 0, 1])
  })

  it('uses what was released again, cleared', () => {
    const arena = new Arena()
    const owner = {}
    const address = arena.allocate(1000, owner)
    arena.float64(address, 125).fill(3)
    const { used } = arena
    arena.release(owner, address, 1000)
    expect(arena.used).toBe(used - 1024)
    expect(arena.allocate(1000, owner)).toBe(address)
    expect(arena.float64(address, 125).every(value => value === 0)).toBe(true)
  })

  it('takes back what nobody holds any more', async () => {
    const arena = new Arena()
    setFlagsFromString('--expose-gc')
    const collect: () => void = runInNewContext('gc')
    // Arrays of their own in a function of their own, so that nothing on the stack holds them.
    const fill = () => void Array.from({ length: 100 }, () => arena.arrays(1, 1000))
    fill()
    const { used } = arena
    for (let turn = 0; turn < 100 && arena.used > used / 2; turn++) {
      collect()
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(arena.used).toBeLessThan(used / 2)
  })

  it('says that there is no room instead of failing', () => {
    const arena = new Arena()
    expect(arena.allocate(5 * 2 ** 30, {})).toBe(0)
    expect(arena.arrays(1, 2 ** 30)).toBeUndefined()
    expect(arena.allocate(64, {})).toBeGreaterThan(0)
  })
})

describe('an array in it', () => {
  it('has an address; its copies have none', () => {
    const [array] = new Arena().arrays(1, 4)!
    array!.set([1, 2, 3, 4])
    const copy = array!.slice()
    expect(array!.address).toBeGreaterThan(0)
    expect((copy as ArenaArray).address).toBe(0)
    expect(Array.from(array!.map(x => 2 * x))).toEqual([2, 4, 6, 8])
    copy[0] = 9
    expect(array![0]).toBe(1)
    expect(array).toBeInstanceOf(ArenaArray)
  })
})
