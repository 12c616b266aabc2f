import { describe, expect, it } from 'vitest'
import { createDecoder } from '../../src/config/decoders/create-decoder.js'
import { parsePipeline } from '../../src/config/parse-pipeline.js'
import { fuzz, fuzzedFormats } from '../support/fuzzing.js'
import { settledHeap } from '../support/heap.js'
import { MutatedMessages } from '../support/mutated-messages.js'

const SEED = 1
const COUNT = 4000
const PRISTINE = Reflect.ownKeys(Object.prototype)

describe('a pipeline fed with damaged messages', () => {
  it.each(fuzzedFormats.map(format => ({ format, name: format.name })))(
    `F20, F23, F27: throws nothing, and learns nothing from what it rejects: ${COUNT} $name`,
    async ({ format }) => {
      const { received, learned, put, codes, identical } = await fuzz(format, COUNT, SEED)
      expect(received).toBe(learned + put)
      expect(learned).toBeGreaterThan(COUNT / 20)
      expect(Object.keys(codes).length).toBeGreaterThan(1)
      expect(put).toBeGreaterThan(COUNT / 4)
      expect(identical).toBe(true)
      expect(Reflect.ownKeys(Object.prototype)).toEqual(PRISTINE)
    },
  )

  it('needs no more memory for many damaged messages than for few', async () => {
    const { source, sound } = fuzzedFormats[2]!
    const decoder = await createDecoder(parsePipeline(`source: ${source}\nchannels: [a, b]`, 'fuzz.yaml'))
    const messages = new MutatedMessages(SEED, sound)
    const decode = async (count: number) => {
      for (let n = 0; n < count; n++) await decoder.read(messages.next(n).toString(), { place: () => 'here' })
    }
    await decode(5000)
    const before = await settledHeap()
    await decode(25_000)
    // A byte a message at most.
    expect((await settledHeap()) - before).toBeLessThan(1 << 20)
  })
})
