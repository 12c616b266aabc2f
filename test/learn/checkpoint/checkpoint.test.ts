import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Checkpoint } from '../../../src/learn/checkpoint/checkpoint.js'
import { crc32c } from '../../../src/learn/checkpoint/crc32c.js'
import { decodeCheckpoint } from '../../../src/learn/checkpoint/decode-checkpoint.js'
import { encodeCheckpoint } from '../../../src/learn/checkpoint/encode-checkpoint.js'
import { littleEndian } from '../../../src/learn/checkpoint/little-endian.js'
import { Random } from '../../../src/random.js'
import type { Saved } from '../../../src/saved.js'
import { SEED } from '../../support/seed.js'

const of = (state: Saved): Checkpoint => ({ identity: { channels: ['a'] }, summary: { count: 3 }, state })
const small = encodeCheckpoint(
  of({ parameters: Float64Array.of(1, Number.NaN, -0), counts: Uint32Array.of(7), name: 'é', at: -Infinity }),
)
/** A changed copy with a checksum that fits again: what a person with an editor could make. */
function forged(change: (file: Buffer, header: Record<string, never>) => Buffer | undefined, from = small): Buffer {
  const file = Buffer.from(from)
  const length = file.readUInt32LE(12)
  const result = change(file, JSON.parse(file.subarray(24, 24 + length).toString())) ?? file
  result.writeUInt32LE(crc32c(result.subarray(0, -4)), result.length - 4)
  return result
}
const withHeader = (change: (header: Record<string, unknown>) => void) =>
  forged((file, header) => {
    change(header)
    const text = Buffer.from(JSON.stringify(header))
    const arrays = file.subarray(24 + file.readUInt32LE(12))
    const result = Buffer.concat([file.subarray(0, 24), text, arrays])
    result.writeUInt32LE(text.length, 12)
    result.writeBigUInt64LE(BigInt(result.length), 16)
    return result
  })
const thrown = (code: string) => expect.objectContaining({ code })

describe('a checkpoint file', () => {
  it('keeps every bit of any state', () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(-0, Number.NaN, Infinity, -Infinity))
    const leaf = fc.oneof(
      number,
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.float64Array(),
      fc.float32Array(),
      fc.uint32Array(),
      fc.int32Array(),
      fc.uint8Array(),
    )
    const name = fc.oneof(fc.string(), fc.constantFrom('$array', '$number', '$', '$$', '__proto__', 'constructor', '7'))
    const { state } = fc.letrec<{ state: Saved }>(tie => ({
      state: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        leaf as fc.Arbitrary<Saved>,
        fc.array(tie('state'), { maxLength: 4 }),
        fc.array(fc.tuple(name, tie('state')), { maxLength: 4 }).map(entries => Object.fromEntries(entries) as Saved),
      ),
    }))
    fc.assert(
      fc.property(state, value => {
        const decoded = decodeCheckpoint(encodeCheckpoint(of(value)), 'file')
        expect(isDeepStrictEqual(decoded, of(value))).toBe(true) // unlike toEqual, whatever names fields have
      }),
      { numRuns: 200, seed: SEED },
    )
  })

  it('has the same bytes for the same state, and its arrays as they are', () => {
    const state = { doubles: Float64Array.of(Math.PI), more: Uint8Array.of(1, 2, 3), last: Float64Array.of(1 / 3) }
    const file = Buffer.from(encodeCheckpoint(of(state)))
    expect(file).toEqual(Buffer.from(encodeCheckpoint(of(structuredClone(state)))))
    const start = 24 + file.readUInt32LE(12)
    expect(start % 8).toBe(0)
    expect(file.readDoubleLE(start)).toBe(Math.PI)
    expect([...file.subarray(start + 8, start + 11)]).toEqual([1, 2, 3])
    expect(file.readDoubleLE(start + 16)).toBe(1 / 3)
    expect(file.length).toBe(start + 24 + 4)
  })

  it('does not see what happens to the arrays afterwards', () => {
    const live = Float64Array.of(1)
    const file = encodeCheckpoint(of({ live }))
    live[0] = 2
    expect(decodeCheckpoint(file, 'file').state).toEqual({ live: Float64Array.of(1) })
  })

  it('F44: is refused when it was cut, at every byte', () => {
    for (let length = 0; length < small.length; length++)
      expect(() => decodeCheckpoint(small.slice(0, length), 'file')).toThrow(thrown('CHECKPOINT_DAMAGED'))
    expect(() => decodeCheckpoint(Buffer.concat([small, Buffer.of(0)]), 'file')).toThrow(thrown('CHECKPOINT_DAMAGED'))
  })

  it('F47: is refused when any single bit of it has flipped', () => {
    const file = Uint8Array.from(small)
    for (let bit = 0; bit < 8 * file.length; bit++) {
      file[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => decodeCheckpoint(file, 'file')).toThrow(thrown('CHECKPOINT_DAMAGED'))
      file[bit >> 3]! ^= 1 << (bit & 7)
    }
    expect(decodeCheckpoint(file, 'file').summary).toEqual({ count: 3 })
  })

  it('F47: is refused after any of 2000 random changes', () => {
    const random = new Random(SEED)
    const below = (n: number) => Math.floor(random.uniform() * n)
    for (let n = 0; n < 2000; n++) {
      const file = Uint8Array.from(small)
      for (let k = below(4); k >= 0; k--) file[below(file.length)]! ^= 1 + below(255)
      if (Buffer.compare(file, small) === 0) continue
      expect(() => decodeCheckpoint(file, 'file')).toThrow(thrown('CHECKPOINT_DAMAGED'))
    }
  })

  it('F45: of a later format is refused with the version that reads it', () => {
    const file = forged(
      later => void later.writeUInt32LE(2, 8),
      withHeader(header => Object.assign(header, { needs: '9.1.0' })),
    )
    expect(() => decodeCheckpoint(file, 'state/c1')).toThrow(
      'CHECKPOINT_VERSION: state/c1: received format 2; expected a checkpoint of a format this version reads. ' +
        'Use contraflow >= 9.1.0, or start anew with --fresh.',
    )
  })

  it('F45: of a format older than any is refused', () => {
    expect(() =>
      decodeCheckpoint(
        forged(file => void file.writeUInt32LE(0, 8)),
        'file',
      ),
    ).toThrow(thrown('CHECKPOINT_VERSION'))
  })

  it.each<[string, (header: { arrays: object[]; state: object }) => void]>([
    ['claims an array larger than the file', ({ arrays }) => Object.assign(arrays[0]!, { length: 2 ** 40 })],
    ['claims a negative offset', ({ arrays }) => Object.assign(arrays[0]!, { offset: -8 })],
    ['claims half a number', ({ arrays }) => Object.assign(arrays[0]!, { length: 1.5 })],
    ['claims an unknown type', ({ arrays }) => Object.assign(arrays[0]!, { type: '__proto__' })],
    ['refers to an array that is not there', ({ state }) => Object.assign(state, { more: { $array: 9 } })],
    ['holds a number that is none', ({ state }) => Object.assign(state, { more: { $number: '7' } })],
    ['is nested too deep', ({ state }) => Object.assign(state, { more: JSON.parse('['.repeat(99) + ']'.repeat(99)) })],
  ])('S15: is refused when its header %s', (_, change) => {
    const file = withHeader(header => change(header as never))
    const before = process.memoryUsage().rss
    expect(() => decodeCheckpoint(file, 'file')).toThrow(thrown('CHECKPOINT_DAMAGED'))
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6)
  })
})

describe('littleEndian', () => {
  it('turns the bytes of every number around on a machine of the other order, and back', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
    expect([...littleEndian(bytes, 4, false)]).toEqual([4, 3, 2, 1, 8, 7, 6, 5])
    expect(littleEndian(littleEndian(bytes, 8, false), 8, false)).toEqual(bytes)
    expect(littleEndian(bytes, 4, true)).toBe(bytes)
    expect(littleEndian(bytes, 1, false)).toBe(bytes)
  })
})
