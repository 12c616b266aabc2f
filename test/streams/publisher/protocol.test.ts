import { describe, expect, it } from 'vitest'
import { AdvancingClock, openPublisher } from '../../support/publisher.js'
import { TestClient } from '../../support/sockets.js'

const estimate = (key: string, n: number) => JSON.stringify({ key, n })

async function speaker(options?: Parameters<typeof openPublisher>[0], clock?: AdvancingClock) {
  const opened = await openPublisher(options, clock)
  const client = await TestClient.connect(opened.sink.url, ['contraflow.v1'])
  await client.has(1)
  return { ...opened, client }
}

describe('the protocol of subscribers', () => {
  it('greets who offers to speak it, and sends nothing else until it is asked', async () => {
    const { client, write } = await speaker()
    const hello = {
      version: 'contraflow.v1',
      channels: ['x', 'v'],
      keys: 1,
      tokenNeeded: false,
      scopes: ['subscribe', 'forecast', 'metrics'],
    }
    expect(client.messages).toEqual([{ hello }])
    expect(client.socket.protocol).toBe('contraflow.v1')
    write(estimate('a', 1))
    expect(await client.ask({ hello: true, id: 'again' })).toEqual({ hello, id: 'again' })
  })

  it('sends everything to who does not, until it asks for less', async () => {
    const { sink, write } = await openPublisher()
    const client = await TestClient.connect(sink.url)
    write(estimate('a', 1))
    await client.has(1)
    expect(await client.ask({ subscribe: { keys: ['b'] } })).toEqual({
      subscribed: { keys: ['b'], forecasts: true, snapshot: 0 },
    })
    write(estimate('a', 2), 'a')
    write(estimate('b', 3), 'b')
    await client.has(3)
    expect(client.messages.slice(2)).toEqual([{ key: 'b', n: 3 }])
  })

  it('filters by keys and by kind; a new subscription replaces the old one', async () => {
    const { client, sink } = await speaker()
    const send = (kind: 'estimate' | 'forecast', key: string, n: number) => sink.write(estimate(key, n), { kind, key })
    await client.ask({ subscribe: { keys: ['a', 'c'], forecasts: false } })
    for (const [i, key] of ['a', 'b', 'c'].entries()) {
      send('estimate', key, i)
      send('forecast', key, 10 + i)
    }
    await client.has(4)
    await client.ask({ subscribe: { keys: [] } })
    send('estimate', 'a', 20)
    await client.ask({ subscribe: {} })
    send('forecast', 'b', 30)
    await client.has(7)
    expect(client.messages.flatMap(({ n }) => (n === undefined ? [] : [n]))).toEqual([0, 2, 30])
  })

  it('gives a snapshot, the latest message of each topic, then what is new: nothing is missing, nothing comes twice', async () => {
    const { client, write, sink } = await speaker()
    for (let n = 0; n < 300; n++) write(estimate(`k${n % 3}`, n), `k${n % 3}`)
    sink.write(estimate('k0', 1000), { kind: 'forecast', key: 'k0' })
    // Published in the same turn as the subscription: part of the snapshot, not of what follows.
    client.socket.send(JSON.stringify({ subscribe: { snapshot: true, keys: ['k0', 'k2'] } }))
    await client.has(2)
    write(estimate('k0', 301), 'k0')
    write(estimate('k1', 302), 'k1')
    write(estimate('k2', 303), 'k2')
    await client.has(8)
    expect(client.messages.slice(1)).toEqual([
      { subscribed: { keys: ['k0', 'k2'], forecasts: true, snapshot: 3 } },
      { key: 'k0', n: 297 },
      { key: 'k2', n: 299 },
      { key: 'k0', n: 1000 },
      { live: true },
      { key: 'k0', n: 301 },
      { key: 'k2', n: 303 },
    ])
  })

  it('answers a forecast with what the learner predicts, and changes nothing in it', async () => {
    const { client, service } = await speaker()
    const expected = service.learner.predict([12, 13, 14])
    const answer = await client.ask({ forecast: { key: 'k', horizon: 3, points: 3 }, id: 1 })
    expect(answer).toEqual({ key: 'k', t: 11, forecast: expected, id: 1 })
    expect(service.learner.predict([12, 13, 14])).toEqual(expected)
  })

  it('answers a forecast of an absurd horizon too, in bounded time', async () => {
    const { client } = await speaker()
    for (const horizon of [1e-300, 1e9, 1e300]) {
      const answer = (await client.ask({ forecast: { key: 'k', horizon, points: 2 } })) as {
        forecast: { predicted: number[] }[]
      }
      for (const { predicted } of answer.forecast) expect(predicted.every(Number.isFinite)).toBe(true)
    }
  })

  it('answers what it cannot do with an error that says what to do, and stays', async () => {
    const { client } = await speaker()
    const codes: unknown[] = []
    const requests = [
      'oops',
      '',
      'null',
      '[]',
      '"subscribe"',
      '{}',
      '{"__proto__":{"subscribe":{}}}',
      '{"subscribe":1}',
      '{"subscribe":{"key":"a"}}',
      '{"subscribe":{},"extra":1}',
      '{"subscribe":{"keys":[""]}}',
      `{"subscribe":{"keys":${JSON.stringify(Array(1001).fill('a'))}}}`,
      '{"forecast":{"key":"k","horizon":0}}',
      '{"forecast":{"key":"k","horizon":1e999}}',
      '{"forecast":{"key":"k","horizon":1,"points":101}}',
      '{"forecast":{"horizon":1}}',
      '{"hello":false}',
      `${'['.repeat(30_000)}`,
      `{"subscribe":${'['.repeat(15_000)}${']'.repeat(15_000)}}`,
    ]
    for (const request of requests) {
      const { error } = (await client.ask(request)) as { error: { code: string; message: string } }
      codes.push(error.code)
      expect(error.message.length).toBeLessThan(800)
      expect(error.message).toMatch(/^REQUEST_INVALID: .*received .*; expected /)
    }
    expect(codes).toEqual(requests.map(() => 'REQUEST_INVALID'))
    expect(await client.ask('{"forecast":{"key":"nobody","horizon":1},"id":3}')).toMatchObject({
      error: { code: 'KEY_UNKNOWN' },
      id: 3,
    })
    expect(await client.ask('{"subscribe":2,"id":"x"}')).toMatchObject({ id: 'x' })
    expect(({} as { subscribe?: unknown }).subscribe).toBeUndefined()
    expect(await client.ask({ ping: 5, id: 6 })).toEqual({ pong: 5, id: 6 })
  })

  it('names the field that is wrong and the one that was meant', async () => {
    const { client } = await speaker()
    const { error } = (await client.ask({ subscribe: { key: ['a'] } })) as { error: { message: string } }
    expect(error.message).toContain('subscribe.key: received the unknown field "key"; expected "keys"')
  })

  it('F24: a binary frame ends the connection with 1003', async () => {
    const { client } = await speaker()
    client.socket.send(Buffer.from('{"ping":1}'))
    expect(await client.closed).toBe(1003)
  })

  it('S06: answers with errors who asks too often, and sends away who does not stop', async () => {
    const { client, sink } = await speaker()
    const other = await TestClient.connect(sink.url, ['contraflow.v1'])
    for (let i = 0; i < 400; i++) client.socket.send('{"ping":1}')
    expect(await client.closed).toBe(1008)
    expect(client.reason).toContain('Too many requests')
    const errors = client.messages.filter(({ error }) => error !== undefined)
    expect(errors).toHaveLength(20)
    expect(errors[0]).toMatchObject({ error: { code: 'REQUEST_TOO_OFTEN' } })
    await other.has(1)
    expect(await other.ask({ ping: 'still here' })).toEqual({ pong: 'still here' })
  })

  it('bounds the forecasts of all subscribers together, since they take the time of the learner', async () => {
    const clock = new AdvancingClock()
    const { client, sink } = await speaker({}, clock)
    const other = await TestClient.connect(sink.url)
    const ask = (who: TestClient, points: number) => who.ask({ forecast: { key: 'k', horizon: 1, points } })
    expect(await ask(client, 100)).toHaveProperty('forecast')
    expect(await ask(other, 70)).toHaveProperty('forecast')
    expect(await ask(other, 100)).toMatchObject({ error: { code: 'REQUEST_TOO_OFTEN' } })
    clock.advance(1000)
    expect(await client.ask({ forecast: { key: 'k', horizon: 1 } })).toHaveProperty('forecast')
  })
})
