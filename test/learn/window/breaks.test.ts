import { expect, it } from 'vitest'
import { Breaks } from '../../../src/learn/window/breaks.js'
import { Random } from '../../../src/random.js'

const MAX_GAP = 10

/** How many of a thousand gaps are breaks, when this share of them is long. */
function breaksOf(share: number): { readonly long: number; readonly breaks: number } {
  const [breaks, random] = [new Breaks(MAX_GAP), new Random(1)]
  const taken = Array.from({ length: 1000 }, () => {
    const gap = random.uniform() < share ? 100 : 1
    return { long: gap > MAX_GAP, isBreak: breaks.take(gap) }
  })
  return { long: taken.filter(({ long }) => long).length, breaks: taken.filter(({ isBreak }) => isBreak).length }
}

it('F16: long gaps that are rare are breaks, those of a stream that comes in bursts are not', () => {
  const [rare, bursts] = [breaksOf(0.01), breaksOf(0.15)]
  expect(rare.long).toBeGreaterThan(5)
  expect(rare.breaks).toBe(rare.long)
  expect(bursts.long).toBeGreaterThan(100)
  expect(bursts.breaks).toBeLessThan(bursts.long / 10)
})

it('F16: of a stream that became slower, the first long gap alone is a break', () => {
  const breaks = new Breaks(MAX_GAP)
  expect([1, MAX_GAP, 11, 11, 11].map(gap => breaks.take(gap))).toEqual([false, false, true, false, false])
})
