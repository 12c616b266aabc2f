import { describe, expect, it } from 'vitest'
import type { Decoded } from '../../../src/config/decoders/decoder.js'
import { type ResolvedRecord, resolveSenml } from '../../../src/config/decoders/senml.js'
import { SenmlDecoder } from '../../../src/config/decoders/senml-decoder.js'
import type { ContraflowError } from '../../../src/errors.js'
import { toNullable } from '../../../src/observation.js'

const NOW = 1_700_000_000

function resolve(pack: unknown, now: number | undefined = NOW) {
  const all: (ResolvedRecord | ContraflowError)[] = []
  resolveSenml(pack, now, record => all.push(record))
  return all
}

describe('resolveSenml', () => {
  it('adds what was said once: name, time, unit and value, and changes of it on the way', () => {
    const pack = [
      { bn: 'urn:dev:ow:10e2073a01080063:', bt: 1.320067464e9, bu: '%RH', bv: 10, v: 10, n: 'h' },
      { n: 'h', t: 60, v: 10.5 },
      { n: 'lat', t: 60, u: 'lat', bv: 0, v: 24.3 },
      { bn: 'urn:dev:x:', n: 'h', v: 1 },
    ]
    expect(resolve(pack)).toEqual([
      { name: 'urn:dev:ow:10e2073a01080063:h', t: 1320067464, unit: '%RH', value: 20 },
      { name: 'urn:dev:ow:10e2073a01080063:h', t: 1320067524, unit: '%RH', value: 20.5 },
      { name: 'urn:dev:ow:10e2073a01080063:lat', t: 1320067524, unit: 'lat', value: 24.3 },
      { name: 'urn:dev:x:h', t: 1320067464, unit: '%RH', value: 1 },
    ])
  })

  it.each([
    [{}, NOW],
    [{ t: -5 }, NOW - 5],
    [{ bt: -10, t: 5 }, NOW - 5],
    [{ t: 2 ** 28 - 1 }, NOW + 2 ** 28 - 1],
    [{ t: 2 ** 28 }, 2 ** 28],
    [{ bt: 1.5e9, t: -1 }, 1.5e9 - 1],
  ])('times below 2^28 count from now: %j', (times, expected) => {
    expect(resolve([{ n: 'a', v: 1, ...times }])).toMatchObject([{ t: expected }])
  })

  it('says that a log has no now', () => {
    const all: unknown[] = []
    resolveSenml(
      [
        { n: 'a', v: 1 },
        { n: 'a', t: 1.5e9, v: 2 },
      ],
      undefined,
      record => all.push(record),
    )
    expect(all).toMatchObject([
      {
        code: 'OBSERVATION_INVALID',
        message: expect.stringContaining('record 0: received the time 0, relative to the arrival'),
      },
      { value: 2 },
    ])
  })

  it.each([
    ['km/h', 36, 'm/s', 10],
    ['dBm', 30, 'dBW', 0],
    ['kWh', 1, 'J', 3.6e6],
    ['/100', 50, '/', 0.5],
    ['Cel', 21.5, 'Cel', 21.5],
  ])('brings %s to SI units', (u, v, unit, value) => {
    expect(resolve([{ n: 'a', t: NOW, u, v }])).toEqual([{ name: 'a', t: NOW, unit, value: expect.closeTo(value, 12) }])
  })

  it('takes truth for a number, and sums in their own unit', () => {
    expect(
      resolve([
        { n: 'a', t: NOW, vb: true },
        { n: 'b', t: NOW, u: 'W', s: 5 },
      ]),
    ).toMatchObject([{ value: 1 }, { unit: 'Ws', value: 5 }])
  })

  it.each([
    [
      'a text',
      [
        { n: 'a', t: NOW, vs: 'on' },
        { n: 'b', t: NOW, v: 1 },
      ],
      'record 0',
    ],
    [
      'a wrong name',
      [
        { n: '-a', t: NOW, v: 1 },
        { n: 'b', t: NOW, v: 1 },
      ],
      'the name "-a"',
    ],
    [
      'no name',
      [
        { t: NOW, v: 1 },
        { n: 'b', t: NOW, v: 1 },
      ],
      'the name ""',
    ],
    [
      'a value that is none',
      [
        { n: 'a', t: NOW, v: '1' },
        { n: 'b', t: NOW, v: 1 },
      ],
      'a value "v"',
    ],
    [
      'a value that is too large',
      [
        { n: 'a', t: NOW, bv: 1e308, v: 1e308 },
        { bv: 0, n: 'b', t: NOW, v: 1 },
      ],
      'Infinity',
    ],
    [
      'a unit that is no text',
      [
        { n: 'a', t: NOW, u: 5, v: 1 },
        { n: 'b', t: NOW, v: 1 },
      ],
      'u: 5',
    ],
    [
      'two values',
      [
        { n: 'a', t: NOW, v: 1, vb: true },
        { n: 'b', t: NOW, v: 1 },
      ],
      'v and vb',
    ],
  ])('refuses a record with %s and takes the next one', (_what, pack, says) => {
    expect(resolve(pack)).toMatchObject([{ message: expect.stringContaining(says) }, { name: 'b' }])
  })

  it.each([
    ['a newer version', [{ bver: 11, n: 'a', v: 1 }]],
    ['a field that must be understood', [{ n: 'a', v: 1, shape_: 2 }]],
    ['something else', [[1]]],
    ['a base time that is no number', [{ bt: 'x', n: 'a', v: 1 }]],
    [
      'a base name that is no text, in its second record',
      [
        { n: 'a', v: 1 },
        { bn: 5, n: 'b', v: 1 },
      ],
    ],
  ])('refuses a pack with %s as a whole', (_what, pack) => {
    expect(() => resolve(pack)).toThrow(/RFC 8428/)
  })
})

describe('SenmlDecoder', () => {
  const outline = (value: Decoded) => ('code' in value ? value.code : [value.key, value.t, toNullable(value.y)])
  const decode = (decoder: SenmlDecoder, pack: unknown) =>
    decoder.read(JSON.stringify(pack), { place: () => 'x', arrival: NOW }).map(outline)

  it('makes one observation of what a device measured at a time', () => {
    const decoder = new SenmlDecoder({ channels: ['temp', 'hum'] })
    const pack = [
      { bn: 'urn:dev:mac:1:', bt: NOW, n: 'temp', u: 'Cel', v: 20 },
      { n: 'hum', u: '%RH', v: 40 },
      { n: 'temp', t: 1, u: 'Cel', v: 21 },
    ]
    expect(decode(decoder, pack)).toEqual([
      ['urn:dev:mac:1', NOW, [20, 40]],
      ['urn:dev:mac:1', NOW + 1, [21, null]],
    ])
    expect(decode(decoder, [{ bn: 'urn:dev:mac:1:', bt: NOW }])).toEqual([])
    expect(decoder.ignored).toBe(1)
  })

  it('refuses a name that changes its unit', () => {
    const decoder = new SenmlDecoder({})
    expect(decode(decoder, [{ n: 'a/t', t: NOW, u: 'Cel', v: 20 }])).toHaveLength(1)
    expect(decode(decoder, [{ n: 'a/t', t: NOW, u: 'K', v: 293 }])).toEqual(['OBSERVATION_INVALID'])
  })
})
