import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type OutputBatch, OutputReader, OutputWriter, type Refusal } from '../../../streams/workers/output-batch.js'

const line = fc.record({
  kind: fc.constantFrom('estimate' as const, 'forecast' as const),
  key: fc.string({ unit: 'grapheme' }),
  // Lone surrogates are nothing that JSON.stringify writes.
  line: fc.string({ unit: 'grapheme' }).map(text => JSON.stringify({ text })),
  skipped: fc.boolean(),
  guard: fc.option(fc.constantFrom('rolled-back' as const, 'frozen' as const), { nil: undefined }),
  clipped: fc.option(fc.integer({ min: 1, max: 1000 }), { nil: undefined }),
  stuck: fc.option(fc.integer({ min: 1, max: 1024 }), { nil: undefined }),
})
const refusal = fc.record({
  code: fc.constant('OBSERVATION_LATE' as const),
  observation: fc.record({ key: fc.string(), t: fc.double(), y: fc.constant(Float64Array.of(1, Number.NaN)) }),
})

/** All that a batch holds, as plain objects. */
function readAll(reader: OutputReader, batch: OutputBatch): unknown[] {
  const read: unknown[] = []
  reader.read(batch, (order, output) => {
    if ('code' in output) read.push([order, output])
    else {
      const { kind, key, line, skipped, guard, clipped, stuck, bytes, message } = output
      expect(Buffer.from(bytes!).toString()).toBe(`${line}\n`)
      expect(message).toEqual(JSON.parse(line))
      read.push([order, { kind, key, line, skipped, guard, clipped, stuck }])
    }
  })
  return read
}

describe('OutputWriter', () => {
  it('outputs come out as they went in, batch after batch, after a structured clone', () => {
    const [writer, reader] = [new OutputWriter(), new OutputReader()]
    fc.assert(
      fc.property(fc.array(fc.oneof(line, refusal), { maxLength: 40 }), outputs => {
        outputs.forEach((output, i) => {
          if ('code' in output) writer.refuse(i, output satisfies Refusal)
          else {
            const { guard, clipped, stuck, ...facts } = output
            writer.add(i, { ...facts, ...(guard && { guard }), ...(clipped && { clipped }), ...(stuck && { stuck }) })
          }
        })
        expect(readAll(reader, structuredClone(writer.take()))).toEqual(outputs.map((output, i) => [i, output]))
      }),
    )
  })

  it('grows for lines that are longer than its buffer', () => {
    const writer = new OutputWriter()
    const texts = Array.from({ length: 500 }, (_, i) => JSON.stringify('é'.repeat(i)))
    texts.forEach((text, i) => {
      writer.add(i, { kind: 'estimate', key: 'k', skipped: false, line: text })
    })
    const read = readAll(new OutputReader(), writer.take())
    expect(read).toEqual(
      texts.map((text, i) => [i, expect.objectContaining({ kind: 'estimate', key: 'k', skipped: false, line: text })]),
    )
  })
})
