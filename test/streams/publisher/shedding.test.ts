import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openPublisher, upgrade } from '../../support/publisher.js'
import { TestClient } from '../../support/sockets.js'

const message = (key: string, n: number) => JSON.stringify({ key, n })

describe('F05: a publisher of a pipeline with too much to do', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('from 80 % on lets nobody new in, keeps those who are, and lets newcomers in again below 70 %', async () => {
    const { port, sink, service, write } = await openPublisher()
    const gauge = service.load.gauge('queue', 'pause-feed')
    const inside = await TestClient.connect(sink.url)
    gauge.fill(0.8)
    expect(await upgrade(port)).toMatchObject({
      status: 503,
      body: 'There is more to do than can be done. Try again later.\n',
    })
    write('1')
    await inside.has(1)
    gauge.fill(0.71)
    expect((await upgrade(port)).status).toBe(503)
    gauge.fill(0.69)
    const later = await TestClient.connect(sink.url)
    write('2')
    await Promise.all([inside.has(2), later.has(1)])
    expect([inside.texts, later.texts]).toEqual([['1', '2'], ['2']])
  })

  it('from 90 % on sends only the latest of each topic, four times a second, and counts the others', async () => {
    const { sink, service, write } = await openPublisher()
    const client = await TestClient.connect(sink.url)
    service.load.gauge('queue', 'pause-feed').fill(0.9)
    for (let n = 0; n < 100; n++) for (const key of ['a', 'b']) write(message(key, n), key)
    vi.advanceTimersByTime(249)
    write(message('c', 0), 'c')
    vi.advanceTimersByTime(1)
    await client.has(3)
    expect(client.texts).toEqual([message('a', 99), message('b', 99), message('c', 0)])
    expect([sink.conflated, sink.status.dropped]).toEqual([198, 198])
  })

  it('sends what waits when it is closed, and everything at once when the load is gone', async () => {
    const { sink, service, write } = await openPublisher()
    const client = await TestClient.connect(sink.url)
    const gauge = service.load.gauge('queue', 'pause-feed')
    gauge.fill(1)
    write(message('a', 1), 'a')
    gauge.fill(0)
    write(message('a', 2), 'a')
    vi.advanceTimersByTime(250)
    await client.has(2)
    gauge.fill(1)
    write(message('a', 3), 'a')
    await sink.close()
    await client.closed
    expect(client.texts).toEqual([1, 2, 3].map(n => message('a', n)))
  })

  it('never keeps more waiting than it would without load, however many keys there are', async () => {
    const { sink, service, write } = await openPublisher()
    const client = await TestClient.connect(sink.url)
    service.load.gauge('queue', 'pause-feed').fill(0.9)
    const pad = 'x'.repeat(1000)
    for (let n = 0; n < 200; n++) write(JSON.stringify({ n, pad }), `${n}`)
    await client.has(100)
    vi.advanceTimersByTime(250)
    await client.has(200)
    expect(sink.conflated).toBe(0)
  })

  it('computes no forecasts on request from 90 % on, and says when to ask again', async () => {
    const { sink, service } = await openPublisher()
    const client = await TestClient.connect(sink.url)
    const ask = () => client.ask({ forecast: { key: 'k', horizon: 1 }, id: 1 })
    const gauge = service.load.gauge('queue', 'pause-feed')
    gauge.fill(0.89)
    expect(await ask()).toMatchObject({ key: 'k', id: 1 })
    gauge.fill(0.9)
    expect(await ask()).toMatchObject({
      id: 1,
      error: { code: 'REQUEST_TOO_OFTEN', message: expect.stringContaining('Ask again in a few seconds.') },
    })
  })

  it('is itself a load: what waits for subscribers counts against maxBufferedTotal', async () => {
    vi.useRealTimers()
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { sink, service, write } = await openPublisher({ maxBuffered: 1 << 20, maxBufferedTotal: 1_000_000 })
    const stalled = await TestClient.connect(sink.url)
    stalled.socket.pause()
    const pad = 'x'.repeat(50_000)
    // Until the buffers of the system are full.
    for (let n = 0; sink.status.waiting < 850_000; n++) {
      write(JSON.stringify({ n, pad }), 'a')
      await new Promise(resolve => setImmediate(resolve))
    }
    vi.advanceTimersByTime(1000)
    expect(service.load.report).toMatchObject({ stage: expect.stringMatching(/refuse-subscribers|conflate/) })
    expect(service.load.report.fills.subscribers).toBeGreaterThan(0.8)
  })
})
