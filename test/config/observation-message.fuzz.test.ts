import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ObservationDecoder } from '../../src/config/decoders/observation-message.js'
import { ERRORS } from '../../src/errors.js'

const decoder = new ObservationDecoder({ channels: ['a', 'b'] })
const KNOWN_CODES = Object.keys(ERRORS)
/** What every Object.prototype has, before anything was decoded. */
const PRISTINE = Reflect.ownKeys(Object.prototype)

/** Either a sound observation or a complete dead letter. */
function check(text: string): void {
  const result = decoder.decode(text, () => 'here')
  if ('code' in result) {
    expect(KNOWN_CODES).toContain(result.code)
    expect(result.place).toBe('here')
    expect(result.received.length).toBeLessThan(250)
    expect(result.message).toContain(result.code)
    return
  }
  expect(Number.isFinite(result.t)).toBe(true)
  expect(typeof result.key).toBe('string')
  expect(result.y).toBeInstanceOf(Float64Array)
  expect(result.y).toHaveLength(2)
  for (const value of result.y) expect(Object.is(value, -0) || Math.abs(value) === Infinity).toBe(false)
}

const evil = fc.constantFrom('__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'polluted')
const name = fc.oneof(fc.constantFrom('t', 'y', 'values', 'key', 'a', 'b'), evil, fc.string({ maxLength: 5 }))
const number = fc.oneof(fc.double(), fc.constantFrom(-0, 0, 1e308, 5e-324))
const leaf = fc.oneof(fc.constant(null), fc.boolean(), number, fc.string({ maxLength: 8 }), fc.constant(Infinity))
/** JSON that has the fields of a message, but seldom their types. */
const likeMessage = fc
  .letrec<{ value: unknown; entries: [string, unknown][] }>(tie => ({
    value: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('value'), { maxLength: 4 }),
      tie('entries').map(entries => new Map(entries as [string, unknown][])),
    ),
    entries: fc.array(fc.tuple(name, tie('value')), { maxLength: 5 }),
  }))
  .value.map(write)

/** JSON.stringify would lose __proto__, 1e999 and names that come twice. */
function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
  if (value instanceof Map) return `{${[...value].map(([k, v]) => `${JSON.stringify(k)}:${write(v)}`).join(',')}}`
  if (typeof value === 'number') return Number.isFinite(value) ? (Object.is(value, -0) ? '-0' : `${value}`) : '1e999'
  return JSON.stringify(value)
}

const good = fc
  .record(
    {
      key: fc.string({ minLength: 1, maxLength: 5 }),
      t: fc.integer(),
      y: fc.array(fc.integer(), { minLength: 2, maxLength: 2 }),
    },
    { requiredKeys: ['t', 'y'] },
  )
  .map(message => JSON.stringify(message))
const garbage = fc.oneof(
  fc.string({ maxLength: 3, unit: 'binary' }),
  fc.constantFrom('"', '{', '}', '[', ']', ',', ':', '\\', '\u0000', '\\u0000', '1e999', 'NaN', '-', '\ud800', 'null'),
)
/** A good message in which a few pieces are replaced. */
const mutated = fc
  .tuple(good, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 4 }), garbage), { minLength: 1, maxLength: 4 }))
  .map(([text, edits]) =>
    edits.reduce((current, [where, length, piece]) => {
      const at = where % (current.length + 1)
      return current.slice(0, at) + piece + current.slice(at + length)
    }, text),
  )
const bytes = fc.uint8Array({ maxLength: 200 }).map(octets => Buffer.from(octets).toString())

describe('ObservationDecoder', () => {
  it.each([
    ['JSON like a message', likeMessage, 6000],
    ['any JSON', fc.json(), 4000],
    ['damaged messages', mutated, 7000],
    ['random bytes', bytes, 3000],
  ] as const)('never throws on %s, and lets nothing through that is not finite', (_what, texts, numRuns) => {
    fc.assert(fc.property(texts, check), { numRuns })
  })

  it('reads undamaged messages, so that the others are not refused for nothing', () => {
    fc.assert(
      fc.property(good, text => {
        expect(decoder.decode(text, () => 'here')).not.toHaveProperty('code')
      }),
    )
  })

  it('leaves Object.prototype as it was', () => {
    const texts = ['{"__proto__":{"polluted":1},"t":1,"y":[1,2]}', '{"t":1,"values":{"__proto__":{"polluted":1}}}']
    for (const text of [...texts, '{"constructor":{"prototype":{"polluted":1}}}']) check(text)
    expect(Reflect.ownKeys(Object.prototype)).toEqual(PRISTINE)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})
