import { describe, expect, it } from 'vitest'
import { createDecoder } from '../../../src/config/decoders/create-decoder.js'
import type { Decoded } from '../../../src/config/decoders/decoder.js'
import { parsePipeline } from '../../../src/config/parse-pipeline.js'
import { toNullable } from '../../../src/observation.js'
import type { RealFeed } from '../feeds/real-feed.js'
import { realFeeds } from '../feeds/real-feeds.js'

const ORIGIN = { place: () => 'feed, message 1', arrival: 1_700_000_000 }

const indent = (text: string) => text.trim().replaceAll('\n', '\n    ')
const pipelineOf = ({ map, channels }: Pick<RealFeed, 'map' | 'channels'>) =>
  `source:\n  kind: websocket\n  url: ws://localhost\n  map:\n    ${indent(map)}\n${channels ? `channels: ${JSON.stringify(channels)}\n` : ''}`
const decoderOf = (feed: Pick<RealFeed, 'map' | 'channels'>) =>
  createDecoder(parsePipeline(pipelineOf(feed), 'test.yaml'))

function outline(value: Decoded) {
  if ('code' in value) return value.code
  const { key, t, y, ...more } = value
  return [key, t, toNullable(y), ...(Object.keys(more).length > 0 ? [more] : [])]
}

describe('a mapping', () => {
  it.each(realFeeds.map(feed => ({ feed, name: feed.name })))('reads $name', async ({ feed }) => {
    const decoder = await decoderOf(feed)
    const values: Decoded[] = []
    for (const message of feed.messages) values.push(...(await decoder.read(message, ORIGIN)))
    expect(values.map(outline)).toEqual(feed.expected)
    expect(decoder.ignored).toBe(feed.ignored ?? 0)
  })

  const simple = { channels: ['a', 'b'], map: 'rules: [{ time: /t, key: "{/k}", values: { a: /a, b: /x~1y/0 } }]' }

  it.each([
    ['no time', '{"k":"k","a":1,"x/y":[2]}', 'time at /t: received nothing; expected a number, or a date'],
    ['a time without zone', '{"k":"k","t":"2026-01-01 10:00","a":1,"x/y":[2]}', 'received 2026-01-01 10:00'],
    ['F22: a renamed field', '{"k":"k","t":1,"A":1,"x/y":[2]}', '/a: received nothing; expected a number'],
    ['a field of another type', '{"k":"k","t":1,"a":{},"x/y":[2]}', '/a: received {}; expected a number'],
    ['a text that is no number', '{"k":"k","t":1,"a":"0x10","x/y":[2]}', '/a: received "0x10"'],
    ['F20: a number that is too large', '{"k":"k","t":1,"a":1e999,"x/y":[2]}', '/a: received Infinity'],
    ['F20: a text of a number that is too large', '{"k":"k","t":1,"a":"1e999","x/y":[2]}', '/a: received "1e999"'],
    ['a missing part of the key', '{"t":1,"a":1,"x/y":[2]}', '/k: received nothing; expected a text or a number'],
    ['a key that is an object', '{"k":{},"t":1,"a":1,"x/y":[2]}', '/k: received {}'],
    ['a key that is too long', `{"k":"${'k'.repeat(129)}","t":1,"a":1,"x/y":[2]}`, 'key: received "kkkk'],
    ['no JSON', 'hello', 'one JSON object a line'],
    ['a wrong kind of message', '[1,2]', 'received nothing'],
    ['F27: names that every object has', '{"k":"k","t":1,"x/y":[2],"__proto__":{"a":1}}', '/a: received nothing'],
  ])('makes a dead letter of a message with %s', async (_what, message, says) => {
    const decoder = await decoderOf(simple)
    const values = await decoder.read(message, ORIGIN)
    expect(values).toHaveLength(1)
    expect(values[0]).toMatchObject({ place: 'feed, message 1', message: expect.stringContaining(says) })
    expect(({} as Record<string, unknown>).a).toBeUndefined()
  })

  it('F22: says how to write what stands in the item around', async () => {
    const rules = (rule: string) => ({
      map: `rules: [{ each: /d, rules: [{ each: /r, ${rule}, values: { a: /v } }] }]`,
    })
    const message = '{"t":1,"d":[{"k":"x","n":7,"r":[{"v":1}]}]}'
    for (const [rule, says] of [
      ['time: /t', 'time at /t: received nothing; expected a number, or a date'],
      ['time: /t', 'Write ^^/t: each item of "each"'],
      ['time: ^^/t, key: "{/k}"', 'Write ^/k: '],
      ['time: ^^/t, sequence: /n', 'Write ^/n: '],
      ['time: ^^/t, sequence: /N', 'Correct the mapping'],
    ] as const) {
      const values = await (await decoderOf(rules(rule))).read(message, ORIGIN)
      expect(values).toMatchObject([{ code: 'OBSERVATION_INVALID', message: expect.stringContaining(says) }])
    }
  })

  it('says which item of a message is wrong, and takes the other ones', async () => {
    const decoder = await decoderOf({ map: 'rules: [{ each: /d, time: /t, values: { a: /a } }]' })
    const values = await decoder.read('{"d":[{"t":1,"a":1},{"t":2,"a":"?"},{"t":3,"a":3}]}', ORIGIN)
    expect(values.map(outline)).toEqual([['default', 1, [1]], 'OBSERVATION_INVALID', ['default', 3, [3]]])
    expect(values[1]).toMatchObject({ message: expect.stringContaining('message 1, item 1: /a: received "?"') })
  })

  it('refuses what no rule is for when told so', async () => {
    const decoder = await decoderOf({
      map: 'otherwise: refuse\nrules: [{ when: { /e: x }, time: /t, values: { a: /a } }]',
    })
    expect(await decoder.read('{"e":"y"}', ORIGIN)).toMatchObject([{ code: 'OBSERVATION_INVALID' }])
    expect(decoder.ignored).toBe(0)
  })

  it('has no arrival time for messages from a log', async () => {
    const decoder = await decoderOf({ map: 'rules: [{ time: arrival, values: { a: /a } }]' })
    const [letter] = await decoder.read('{"a":1}', { place: () => 'log:1' })
    expect(letter).toMatchObject({
      message: expect.stringContaining('received no arrival time; expected a live source'),
    })
  })

  it('S10, F27: takes a channel that is called like a field of every object for what it is', async () => {
    const decoder = await decoderOf({ map: 'rules: [{ time: /t, values: /v }]' })
    expect(await decoder.read('{"t":1,"v":{"__proto__":1}}', ORIGIN)).toMatchObject([{ code: 'OBSERVATION_CHANNELS' }])
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})

describe('a mapping that is wrong', () => {
  it.each([
    [
      'an unknown field',
      'rules: [{ tiem: /t, values: { a: /a } }]',
      'rules[0].tiem: received the unknown field "tiem"; expected "time"',
    ],
    [
      'an unknown field deep inside',
      'rules: [{ each: /a, time: /t, rules: [{ vlaues: { a: /a } }] }]',
      'rules[0].rules[0].vlaues: received the unknown field "vlaues"; expected "values"',
    ],
    ['a pointer that is none', 'rules: [{ time: t, values: { a: /a } }]', 'JSON Pointer such as /data/0/value'],
    ['a rule without time', 'rules: [{ values: { a: /a } }]', 'a rule with "time"'],
    ['a rule without values', 'rules: [{ time: /t }]', 'a rule with "values"'],
    ['a reference out of the message', 'rules: [{ time: ^^/t, values: { a: /a } }]', 'at most 1 "^"'],
    ['a brace that is not closed', 'rules: [{ time: /t, key: "{/k", values: { a: /a } }]', 'references in braces'],
    ['rules and an expression', 'rules: [{ time: /t, values: { a: /a } }]\njsonata: $', 'either "rules" or "jsonata"'],
    ['neither', 'otherwise: ignore', 'either "rules" or "jsonata"'],
  ])('is refused at load: %s', (_what, map, says) => {
    let message = ''
    try {
      parsePipeline(pipelineOf({ map }), 'test.yaml')
    } catch (error) {
      message = (error as Error).message
    }
    expect(message).toContain(says)
    expect(message).toMatch(/test\.yaml:\d+:\d+: source\.map/)
  })
})

describe('a JSONata mapping', () => {
  const map = 'jsonata: |\n  updates.($time := timestamp; values.{"t": $time, "values": {"v": value}})'

  it('makes messages in the native format', async () => {
    const decoder = await decoderOf({ channels: ['v'], map })
    const message =
      '{"updates":[{"timestamp":5,"values":[{"value":1},{"value":2}]},{"timestamp":6,"values":[{"value":3}]}]}'
    const values = await decoder.read(message, ORIGIN)
    expect(values.map(outline)).toEqual([
      ['default', 5, [1]],
      ['default', 5, [2]],
      ['default', 6, [3]],
    ])
    expect(await decoder.read('{"hello":1}', ORIGIN)).toEqual([])
    expect(decoder.ignored).toBe(1)
  })

  it.each([
    ['that never ends', '($f := function($n) { $f($n + 1) }; $f(1))', 'map.jsonata'],
    ['that calls itself too deeply', '($f := function($n) { 1 + $f($n + 1) }; $f(1))', 'map.jsonata'],
    ['that makes too much', '[1..10000000]', 'map.jsonata'],
    ['that fails', '$error("no")', 'received no;'],
    ['that makes something else', '"text"', 'message: received "text"'],
  ])('puts messages aside for an expression %s', async (_what, expression, says) => {
    const decoder = await decoderOf({ map: `jsonata: '${expression}'` })
    const values = await decoder.read('{}', ORIGIN)
    expect(values).toMatchObject([{ code: 'OBSERVATION_INVALID', message: expect.stringContaining(says) }])
  })

  it('is refused at the start when it is no expression', async () => {
    await expect(decoderOf({ map: 'jsonata: "a.(b"' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('source.map.jsonata'),
    })
  })
})
