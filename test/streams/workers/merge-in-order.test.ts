import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MergeInOrder } from '../../../streams/workers/merge-in-order.js'

describe('MergeInOrder', () => {
  it('gives the order of one thread, whichever worker answers first and however its answers are cut', () => {
    const input = fc.record({ worker: fc.nat(2), outputs: fc.nat(3) })
    fc.assert(
      fc.property(
        fc.array(input, { maxLength: 60 }),
        fc.infiniteStream(fc.nat(2)),
        fc.infiniteStream(fc.nat(4)),
        (inputs, who, cut) => {
          const passed: string[] = []
          const merge = new MergeInOrder<string>(3, output => passed.push(output))
          const expected = inputs.flatMap(({ outputs }, n) => Array.from({ length: outputs }, (_, i) => `${n}.${i}`))
          const queues = [0, 1, 2].map((): { order: number; outputs: string[] }[] => [])
          for (const { worker, outputs } of inputs) {
            const order = merge.give(worker)
            queues[worker]!.push({ order, outputs: Array.from({ length: outputs }, (_, i) => `${order}.${i}`) })
          }
          expect(merge.pending).toBe(inputs.length)
          while (queues.some(queue => queue.length > 0)) {
            const queue = queues[who.next().value]!
            const done = queue.splice(0, 1 + cut.next().value)
            if (done.length === 0) continue
            const worker = queues.indexOf(queue)
            for (const { order, outputs } of done) for (const output of outputs) merge.hold(worker, order, output)
            merge.answer(worker, done.at(-1)!.order)
            expect(expected.slice(0, passed.length)).toEqual(passed)
          }
          expect(passed).toEqual(expected)
          expect(merge.pending).toBe(0)
        },
      ),
    )
  })

  it('holds back what comes early until the inputs before it are done', () => {
    const passed: string[] = []
    const merge = new MergeInOrder<string>(2, output => passed.push(output))
    const [first, second] = [merge.give(0), merge.give(1)]
    merge.hold(1, second, 'b')
    merge.answer(1, second)
    expect(passed).toEqual([])
    merge.hold(0, first, 'a')
    merge.answer(0, first)
    expect(passed).toEqual(['a', 'b'])
  })
})
