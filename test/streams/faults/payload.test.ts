import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ObservationDecoder } from '../../../src/config/decoders/observation-message.js'
import { websocketFeed } from '../../../streams/feeds/websocket/websocket.js'
import { learnBadValues } from '../../support/bad-values.js'
import { feedContext, outline, watchFeed } from '../../support/feeds.js'
import { decodeDamaged } from '../../support/fuzzing.js'
import { openPublisher } from '../../support/publisher.js'
import { SEED } from '../../support/seed.js'
import { startServer, TestClient } from '../../support/sockets.js'

const CHANNELS = ['a', 'b', 'c']
const here = () => 'here'

describe('F20, F23, F27: a hundred thousand damaged messages', () => {
  it('are dead letters or observations with finite values, whatever their format, and leave Object.prototype alone', async () => {
    const { letters, observations } = await decodeDamaged(100_000, SEED)
    expect(letters).toBeGreaterThan(20_000)
    expect(observations).toBeGreaterThan(10_000)
  })
})

describe('F20: values that are none, and values that are absurd', () => {
  it('are put aside, exactly these, and leave every number finite and the rest as it is', async () => {
    const { made, found, huge, clipped, finite, identical } = await learnBadValues(3000, SEED)
    expect(found).toEqual(made)
    expect([finite, identical]).toEqual([true, true])
    expect(huge).toBeGreaterThan(0)
    expect(clipped).toBeGreaterThan(0)
  })
})

describe('F22: a schema that drifts', () => {
  type Fields = Record<string, unknown>
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true })
  const message = fc.record({ t: fc.integer({ min: 0, max: 1e6 }), a: value, b: value, c: value })
  const drifts: readonly [what: string, (fields: Fields) => Fields][] = [
    ['a channel renamed', ({ a, ...rest }) => ({ ...rest, A: a })],
    ['a channel more', fields => ({ ...fields, d: 1 })],
    ['numbers as text', ({ b, ...rest }) => ({ ...rest, b: String(b) })],
    ['a truth value', fields => ({ ...fields, c: true })],
    ['a list', ({ a, ...rest }) => ({ ...rest, a: [a] })],
  ]

  it.each(drifts)('is noticed with every message, and nothing of it is learned: %s', (_what, drift) => {
    fc.assert(
      fc.property(message, ({ t, ...fields }) => {
        const decoder = new ObservationDecoder({ channels: CHANNELS })
        const letter = decoder.decode(JSON.stringify({ t, values: drift(fields) }), here)
        expect((letter as { code?: string }).code).toMatch(/^OBSERVATION_(CHANNELS|INVALID)$/)
      }),
      { numRuns: 1000, seed: SEED },
    )
  })

  it('is noticed where values have no names: one more, one less, the list gone, the time moved', () => {
    const decoder = new ObservationDecoder({ channels: CHANNELS })
    for (const text of ['{"t":1,"y":[1,2]}', '{"t":1,"y":[1,2,3,4]}', '{"t":1,"y":1}', '{"time":1,"y":[1,2,3]}'])
      expect((decoder.decode(text, here) as { code?: string }).code).toMatch(/^OBSERVATION_(CHANNELS|INVALID)$/)
  })

  it('is none when named channels come in another order', () => {
    fc.assert(
      fc.property(message, fc.shuffledSubarray(CHANNELS, { minLength: 3 }), ({ t, ...fields }, order) => {
        const decoder = new ObservationDecoder({ channels: CHANNELS })
        const shuffled = Object.fromEntries(order.map(name => [name, fields[name as 'a']]))
        const [one, other] = [fields, shuffled].map(values => decoder.decode(JSON.stringify({ t, values }), here))
        expect(other).toEqual(one)
        expect(one).toMatchObject({ y: Float64Array.of(fields.a + 0, fields.b + 0, fields.c + 0) })
      }),
      { numRuns: 1000, seed: SEED },
    )
  })
})

describe('F24: ten thousand binary frames', () => {
  it('of a server are dead letters each, and what is text among them is learned', async () => {
    const { url } = await startServer(socket => {
      for (let n = 0; n < 10_000; n++)
        socket.send(n % 100 === 99 ? `{"t":${n},"y":[1]}` : Buffer.from(`{"t":${n},"y":[1]}`))
      socket.close(1000)
    })
    const watch = watchFeed(websocketFeed({ url, reconnect: false }, feedContext()))
    await watch.end
    const found = outline(watch.values)
    expect(found).toHaveLength(10_000)
    expect(found.filter(one => typeof one === 'number')).toEqual(Array.from({ length: 100 }, (_, i) => 100 * i + 99))
    expect(new Set(found.filter(one => typeof one !== 'number'))).toEqual(new Set(['OBSERVATION_NOT_JSON']))
  })

  it('of a subscriber end its connection with 1003 at the first, and nobody else notices', async () => {
    const { sink, write } = await openPublisher()
    const [other, client] = [await TestClient.connect(sink.url), await TestClient.connect(sink.url)]
    for (let n = 0; n < 10_000; n++) client.socket.send(Buffer.of(n & 255))
    expect(await client.closed).toBe(1003)
    write('1')
    await other.has(1)
  })
})

describe('F26: nesting', () => {
  it('of any depth up to a million overflows no stack', () => {
    const decoder = new ObservationDecoder({ channels: CHANNELS })
    const depths = [...Array.from({ length: 64 }, (_, i) => i + 1), 100, 1000, 10_000, 100_000, 1_000_000]
    for (const depth of depths)
      for (const [open, close] of [
        ['[', ']'],
        ['{"a":', '}'],
      ] as const) {
        const nested = `${open.repeat(depth)}1${close.repeat(depth)}`
        for (const text of [nested, `{"t":1,"y":${nested}}`, `{"t":1,"values":${nested}}`, open.repeat(depth)]) {
          const result = decoder.decode(text, here)
          const sound = depth === 1 && /"y":\[|"values":\{"a":1\}/.test(text) && result !== undefined
          if (!sound) expect((result as { code?: string }).code, `depth ${depth}`).toMatch(/^OBSERVATION_/)
        }
      }
  })
})
