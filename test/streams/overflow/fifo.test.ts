import { expect, it } from 'vitest'
import { Fifo } from '../../../streams/overflow/fifo.js'
import { settledHeap } from '../../support/heap.js'

it('gives the first first, however pushing and taking take turns', () => {
  const fifo = new Fifo<number>()
  let [pushed, taken] = [0, 0]
  for (let round = 1; round < 300; round++) {
    for (let i = 0; i < (round * 7) % 40; i++) fifo.push(pushed++)
    for (let i = (round * 11) % 45; i > 0 && fifo.length > 0; i--) {
      expect(fifo.first).toBe(taken)
      expect(fifo.shift()).toBe(taken++)
    }
    expect(fifo.length).toBe(pushed - taken)
  }
  expect(taken).toBeGreaterThan(4000)
  fifo.clear()
  expect([fifo.length, fifo.first]).toEqual([0, undefined])
})

it('F05: keeps nothing that was taken, though something always waits', async () => {
  const fifo = new Fifo<Uint32Array>()
  // Small enough to lie in the heap of JavaScript.
  const item = () => new Uint32Array(8)
  for (let i = 0; i < 100; i++) fifo.push(item())
  const before = await settledHeap()
  for (let i = 0; i < 200_000; i++) {
    fifo.push(item())
    fifo.shift()
  }
  // All that was taken would be more than 20 MB.
  expect((await settledHeap()) - before).toBeLessThan(1 << 20)
  expect(fifo.length).toBe(100)
})
