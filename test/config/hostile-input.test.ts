import { afterEach, describe, expect, it } from 'vitest'
import { createDecoder } from '../../src/config/decoders/create-decoder.js'
import { ObservationDecoder } from '../../src/config/decoders/observation-message.js'
import { parsePipeline } from '../../src/config/parse-pipeline.js'
import { parseProblem } from '../../src/config/problem.js'
import { parseSubscriberRequest } from '../../src/config/subscriber-request.js'
import { parseTime } from '../../src/time.js'
import { clientAddress } from '../../streams/publisher/admission/client-address.js'
import { hostName } from '../../streams/publisher/admission/host-name.js'
import { presentedBy } from '../../streams/publisher/admission/presented-token.js'

const untouched = Object.getOwnPropertyNames(Object.prototype).sort().join()
const origin = { place: () => 'here' }

afterEach(() => {
  expect(Object.getOwnPropertyNames(Object.prototype).sort().join()).toBe(untouched)
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

/** Names through which objects have been poisoned. */
const POISON = ['{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}']

describe('input that wants to change all objects', () => {
  it.each([
    ['the values of a message', '{"t":1,"values":{"__proto__":1,"a":2}}'],
    ['fields of a message', '{"t":1,"y":[1],"__proto__":{"polluted":1}}'],
    ['the key of a message', '{"key":"__proto__","t":1,"y":[1]}'],
    ['the id of a message', '{"id":"__proto__","t":1,"y":[1],"correct":true}'],
  ])('S10, F27: by %s', (_, frame) => {
    const decoder = new ObservationDecoder()
    for (const text of [frame, ...POISON]) expect(() => decoder.decode(text, origin.place)).not.toThrow()
  })

  it.each([{ channels: ['a'] }, {}])('F27: a name that zod leaves out is not passed over, with %j', options => {
    const decoder = new ObservationDecoder(options)
    expect(decoder.decode('{"t":1,"values":{"a":2,"__proto__":1}}', origin.place)).toMatchObject({
      code: 'OBSERVATION_CHANNELS',
      message: expect.stringContaining('the unknown channel "__proto__"'),
    })
  })

  it.each([
    ['CSV', { format: 'csv' as const }, ['t,__proto__,constructor,a', '1,2,3,4', '2,3,4,5']],
    ['SenML', { format: 'senml' as const }, ['[{"bn":"__proto__","n":"__proto__","t":1,"v":1},{"n":"a","v":2}]']],
    [
      'a mapping',
      {
        map: {
          rules: [
            { time: '/t', key: '{/__proto__}', values: { a: '/__proto__/polluted', b: '/constructor/prototype' } },
          ],
        },
      },
      POISON,
    ],
    [
      'a mapping of an object',
      { map: { rules: [{ time: '/t', values: '/values' }] } },
      ['{"t":1,"values":{"__proto__":{"polluted":1},"constructor":2}}'],
    ],
    ['JSONata', { map: { jsonata: '{"t": 1, "values": $}' } }, POISON],
    ['JSONata that transforms', { map: { jsonata: '$ ~> |$|{"__proto__": {"polluted": 1}}|' } }, ['{"t":1,"y":[1]}']],
    ['JSONata that spreads', { map: { jsonata: '$merge([$, {"__proto__": {"polluted": 1}}])' } }, POISON],
  ])('S10, F27: by %s', async (_, settings, frames) => {
    const decoder = await createDecoder(parsePipeline(JSON.stringify({ source: { kind: 'stdin', ...settings } }), 'p'))
    for (const frame of frames) await decoder.read(frame, origin)
  })

  it.each([
    ['__proto__: { polluted: 1 }', '__proto__'],
    ['learn: { __proto__: { window: 3 } }', 'learn.__proto__'],
    ['constructor: { prototype: { polluted: 1 } }', 'constructor'],
    ['learn: { <<: { window: 3 } }', 'learn.<<'],
    ['channels: [__proto__]', 'channels[0]'],
  ])('S10: by the pipeline file %j', (text, place) => {
    expect(() => parsePipeline(text, 'p.yaml')).toThrow(place)
  })

  it('S10: by a problem or a request', () => {
    for (const text of POISON) {
      expect(() => parseProblem(text, 'problem.json')).toThrow('PROBLEM_INVALID')
      expect(() => parseSubscriberRequest(text)).toThrow('REQUEST_INVALID')
      const inside = `{"subscribe":${text}}`
      expect(() => parseSubscriberRequest(inside)).toThrow('REQUEST_INVALID')
    }
  })
})

describe('names of channels that come with the data', () => {
  it.each(['temperature', 'T_in [°C]', 'CO₂ (ppm)', 'größe', '温度', 'a/b', '%', 'constructor', 'toString'])(
    'S10: takes %j',
    name => {
      const decoded = new ObservationDecoder().decode(JSON.stringify({ t: 1, values: { [name]: 2 } }), origin.place)
      expect(decoded).toMatchObject({ y: Float64Array.of(2) })
    },
  )

  it.each(['<img onerror>', 'a"b', "a'b", 'a`b', 'a\\b', 'a&amp;', '\u001b[31m', 'a\nb', 'a\u202eb', '', '\u009b'])(
    'S10: refuses %j',
    name => {
      const decoder = new ObservationDecoder()
      const refused = decoder.decode(JSON.stringify({ t: 1, values: { [name]: 2 } }), origin.place)
      expect(refused).toMatchObject({ code: 'OBSERVATION_CHANNELS' })
      // It does not decide the channels either.
      expect(decoder.decode('{"t":1,"values":{"a":2}}', origin.place)).toMatchObject({ y: Float64Array.of(2) })
    },
  )
})

describe('a pipeline file that is a bomb', () => {
  const laughs = ['a0: &a0 [x, x]', ...Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`)]
  it.each([
    ['doubles forty times', laughs.join('\n'), /alias/i],
    ['holds itself', 'source: &a { kind: stdin, map: *a }', /circular/i],
    [
      'holds itself where any JSON may be',
      'source: { kind: websocket, url: "ws://x", subscribe: &a [*a] }',
      /circular/i,
    ],
    ['is nested 20 000 deep', `source: ${'['.repeat(20_000)}`, /stack|nested|flow/i],
    ['wants to run code', 'learn: !!js/function "function () {}"', /learn: received/],
  ])('S09: and %s is refused in a sentence', (_, text, sentence) => {
    const begin = performance.now()
    expect(() => parsePipeline(text, 'p.yaml')).toThrow(sentence)
    // The first would take years.
    expect(performance.now() - begin).toBeLessThan(10_000)
  })
})

describe('text that is made to be slow to read', () => {
  const LONG = 65_536
  const of = (part: string) => part.repeat(LONG / part.length)
  const evil = ['a', '.', ' ', '0', '-', '1.', '[', '"', '\\', ',', '=', '::', 'a@', '\t', '+1:', 'T', '%', '😀'].map(
    of,
  )
  const request = (headers: object) => ({ headers, socket: { remoteAddress: '127.0.0.1' } }) as never

  it.each<[string, (text: string) => unknown]>([
    ['a Host', hostName],
    ['a sub-protocol', text => presentedBy({ 'sec-websocket-protocol': text, authorization: `Bearer ${text}` })],
    ['an X-Forwarded-For', text => clientAddress(request({ 'x-forwarded-for': text }), new Set(['127.0.0.1']))],
    ['a time', text => parseTime(text, 's')],
    [
      'a message',
      text => new ObservationDecoder().decode(`{"t":1,"y":[1],"key":${JSON.stringify(text)}}`, origin.place),
    ],
    ['a message that is none', text => new ObservationDecoder().decode(text, origin.place)],
    ['a request', text => attempt(() => parseSubscriberRequest(`{"ping":${JSON.stringify(text)}}`))],
    ['a request that is none', text => attempt(() => parseSubscriberRequest(text))],
  ])('S09: takes no time as %s of 64 KiB', (_, read) => {
    for (const text of evil)
      for (const end of ['', '!', '\n', '\0']) {
        const begin = performance.now()
        read(text + end)
        // In proportion it takes a millisecond; with the square of the length a minute.
        expect(performance.now() - begin, `${text.slice(0, 4)}…${end}`).toBeLessThan(2000)
      }
  })

  it('S09: takes no time as a row of CSV of 64 KiB', async () => {
    for (const text of evil) {
      const decoder = await createDecoder({ source: { kind: 'stdin', format: 'csv' } })
      const begin = performance.now()
      for (const row of [text, text]) await decoder.read(row, origin)
      expect(performance.now() - begin, text.slice(0, 4)).toBeLessThan(2000)
    }
  })
})

function attempt(action: () => unknown): void {
  try {
    action()
  } catch {
    // What it says is tested elsewhere.
  }
}
