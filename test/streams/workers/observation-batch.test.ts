import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Observation } from '../../../src/observation.js'
import { BatchReader, BatchWriter, type ObservationBatch } from '../../../streams/workers/observation-batch.js'

function readAll(reader: BatchReader, batch: ObservationBatch): (readonly [number, Observation])[] {
  const read: (readonly [number, Observation])[] = []
  reader.read(batch, (order, observation) => read.push([order, observation]))
  return read
}

describe('BatchWriter', () => {
  it('observations come out as they went in, bit for bit, after a structured clone', () => {
    const observation = fc.record(
      {
        key: fc.string(),
        t: fc.double(),
        y: fc.float64Array({ maxLength: 5 }).map(y => Float64Array.from(y)),
        id: fc.string(),
        sequence: fc.nat(),
        revision: fc.constantFrom('correct' as const, 'retract' as const),
      },
      { requiredKeys: ['key', 't', 'y'] },
    )
    const writer = new BatchWriter()
    const reader = new BatchReader()
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 40 }), observations => {
        observations.forEach((one, i) => {
          writer.add(i, one)
        })
        expect(writer.length).toBe(observations.length)
        const read = readAll(reader, structuredClone(writer.take()))
        expect(read).toEqual(observations.map((one, i) => [i, one]))
        expect(writer.length).toBe(0)
      }),
    )
  })

  it('grows for what is longer than its buffer', () => {
    const writer = new BatchWriter()
    const y = Float64Array.from({ length: 5000 }, (_, i) => i)
    writer.add(7, { key: 'wide', t: 1, y })
    expect(readAll(new BatchReader(), writer.take())).toEqual([[7, { key: 'wide', t: 1, y }]])
  })
})
