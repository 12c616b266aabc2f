import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Subscriber } from '../../../streams/publisher/subscribers/subscriber.js'
import { AdvancingClock, openPublisher } from '../../support/publisher.js'
import { TestClient } from '../../support/sockets.js'

/** Long enough that the buffers of the system are full soon. */
const PAD = 'x'.repeat(20_000)
const message = (key: string, n: number) => JSON.stringify({ key, n, pad: PAD })

/** Writes rounds of three keys, waiting for the reader each time, until something was conflated and more. */
async function flood(
  { sink, write }: Awaited<ReturnType<typeof openPublisher>>,
  reader: TestClient,
  conflated: number,
): Promise<number> {
  let n = reader.texts.length / 3
  while (sink.conflated < conflated) {
    for (const key of ['a', 'b', 'c']) write(message(key, n), key)
    n++
    await reader.has(3 * n)
  }
  return n
}

/** Lets so many seconds pass on the publisher's clock, second by second. */
function pass(clock: AdvancingClock, seconds: number): void {
  for (let i = 0; i < seconds; i++) {
    clock.advance(1000)
    vi.advanceTimersByTime(1000)
  }
}

describe('slow subscribers', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('S08, F31: one that falls behind gets only the latest of each key, in order, as soon as it reads again', async () => {
    const opened = await openPublisher({ maxBuffered: 50_000 })
    const reader = await TestClient.connect(opened.sink.url)
    const slow = await TestClient.connect(opened.sink.url)
    slow.socket.pause()
    const rounds = await flood(opened, reader, 300)
    slow.socket.resume()
    const latest = new Map<unknown, number>()
    let seen = 0
    while (latest.get('a') !== rounds - 1 || latest.get('b') !== rounds - 1 || latest.get('c') !== rounds - 1) {
      await slow.has(seen + 1)
      for (; seen < slow.texts.length; seen++) {
        const { key, n } = JSON.parse(slow.texts[seen]!) as { key: string; n: number }
        expect(n).toBeGreaterThan(latest.get(key) ?? -1)
        latest.set(key, n)
      }
    }
    expect(slow.texts.length + opened.sink.conflated).toBe(3 * rounds)
    expect(reader.texts).toHaveLength(3 * rounds)
    expect(opened.sink.evicted).toBe(0)
    // It is up to date again: what comes now comes at once and whole.
    opened.write('1')
    opened.write('2')
    await slow.has(seen + 2)
    expect(slow.texts.slice(seen)).toEqual(['1', '2'])
  })

  it('S08, F31: one that does not read is sent away, the others get everything, and little waits meanwhile', async () => {
    const clock = new AdvancingClock()
    const opened = await openPublisher({ maxBuffered: 50_000, patience: 3 }, clock)
    const readers = await Promise.all([1, 2, 3].map(() => TestClient.connect(opened.sink.url)))
    const stalled = await Promise.all([1, 2].map(() => TestClient.connect(opened.sink.url)))
    for (const { socket } of stalled) socket.pause()
    let rounds = await flood(opened, readers[0]!, 400)
    const { publisher } = (await (await fetch(`http://127.0.0.1:${opened.port}/metrics`)).json()) as {
      publisher: { buffered: number }
    }
    // Each: the limit, and what was on its way when it was reached.
    expect(publisher.buffered).toBeLessThanOrEqual(2 * (50_000 + 4 * PAD.length))
    let seconds = 0
    while (opened.sink.evicted < 2) {
      pass(clock, 1)
      expect(++seconds).toBeLessThanOrEqual(5)
      for (const key of ['a', 'b', 'c']) opened.write(message(key, rounds), key)
      rounds++
      await readers[0]!.has(3 * rounds)
    }
    for (const client of stalled) {
      client.socket.resume()
      // The farewell stands behind what was waiting; who reads on in time gets it.
      expect([1006, 1013]).toContain(await client.closed)
    }
    opened.write('last')
    for (const reader of readers) {
      await reader.has(3 * rounds + 1)
      expect(reader.texts).toHaveLength(3 * rounds + 1)
    }
    expect(opened.sink.subscribers).toBe(3)
  })

  it('F31: who reads now and then stays, however slow', async () => {
    const clock = new AdvancingClock()
    const opened = await openPublisher({ maxBuffered: 50_000, patience: 3 }, clock)
    const reader = await TestClient.connect(opened.sink.url)
    const slow = await TestClient.connect(opened.sink.url)
    slow.socket.pause()
    for (let i = 1; i <= 4; i++) {
      const rounds = await flood(opened, reader, 50 * i)
      pass(clock, 2)
      // Reads until it is up to date, then not for a while; always behind when someone looks.
      slow.socket.resume()
      while (!slow.texts.at(-1)?.startsWith(`{"key":"c","n":${rounds - 1},`)) await slow.has(slow.texts.length + 1)
      slow.socket.pause()
    }
    expect(opened.sink.evicted).toBe(0)
    expect(slow.socket.readyState).toBe(slow.socket.OPEN)
  })

  it('S08, F31: when too much waits for all together, those with the most go first', async () => {
    const opened = await openPublisher({ maxBuffered: 200_000, maxBufferedTotal: 100_000, patience: 1000 })
    const reader = await TestClient.connect(opened.sink.url)
    const stalled = await TestClient.connect(opened.sink.url)
    stalled.socket.pause()
    let rounds = 0
    while (opened.sink.evicted === 0) {
      vi.advanceTimersByTime(1000)
      for (const key of ['a', 'b', 'c']) opened.write(message(key, rounds), key)
      rounds++
      await reader.has(3 * rounds)
    }
    stalled.socket.resume()
    await stalled.closed
    expect(reader.socket.readyState).toBe(reader.socket.OPEN)
  })

  it('F32: many subscribers share one text, one frame and one buffer; the loop is free in between', async () => {
    const opened = await openPublisher()
    const clients = await Promise.all(Array.from({ length: 100 }, () => TestClient.connect(opened.sink.url)))
    const stringify = vi.spyOn(JSON, 'stringify')
    const from = vi.spyOn(Buffer, 'allocUnsafe')
    const text = '{"key":"k","n":1}'
    from.mockClear()
    opened.write(text)
    const made = from.mock.calls.length
    await Promise.all(clients.map(client => client.has(1)))
    expect(stringify).not.toHaveBeenCalled()
    expect(made).toBe(1)
    vi.restoreAllMocks()
    for (const { texts } of clients) expect(texts).toEqual([text])
    const joined = vi.spyOn(Buffer, 'concat')
    for (const n of [2, 3]) opened.write(`{"key":"k","n":${n}}`)
    while (!clients.every(({ texts }) => texts.length === 3)) await turn()
    expect(joined.mock.calls.filter(([parts]) => String(parts[0]).includes('"n":2'))).toHaveLength(1)
    vi.restoreAllMocks()
  })

  it('F32: more than two hundred get theirs in more than one turn of the event loop', async () => {
    const opened = await openPublisher({ maxPerAddress: 300 })
    const clients = await Promise.all(Array.from({ length: 250 }, () => TestClient.connect(opened.sink.url)))
    const turns: number[] = []
    let now = 0
    const deliver = vi.spyOn(Subscriber.prototype, 'deliver')
    opened.write('{"n":1}')
    for (let before = 0; before < clients.length; before = deliver.mock.calls.length) {
      await turn()
      turns.push(deliver.mock.calls.length - before)
      if (++now > 1000) break
    }
    expect(turns.reduce((sum, count) => sum + count)).toBe(clients.length)
    expect(Math.max(...turns)).toBeLessThanOrEqual(200)
    vi.restoreAllMocks()
    await Promise.all(clients.map(client => client.has(1)))
  })

  it('publishing never waits: what a slow pipeline publishes in one turn goes out in one write', async () => {
    const opened = await openPublisher()
    const client = await TestClient.connect(opened.sink.url)
    for (let n = 0; n < 50; n++) opened.write(`${n}`)
    expect(client.texts).toEqual([])
    await client.has(50)
    expect(client.texts).toEqual(Array.from({ length: 50 }, (_, n) => `${n}`))
  })
})

describe('the heartbeat', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('S07, F02: ends subscribers that have not answered the ping of half a minute ago', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const clock = new AdvancingClock()
    const { sink } = await openPublisher({}, clock)
    const alive = await TestClient.connect(sink.url)
    const dead = await TestClient.connect(sink.url)
    for (let i = 0; i < 3; i++) {
      const pinged = once(alive.socket, 'ping')
      clock.advance(30_000)
      vi.advanceTimersByTime(1000)
      await pinged
      if (i === 0) dead.socket.pause()
      // When the answer to its own ping has come, the server has read the pong before it.
      alive.socket.ping()
      await once(alive.socket, 'pong')
    }
    expect(alive.socket.readyState).toBe(alive.socket.OPEN)
    dead.socket.resume()
    expect(await dead.closed).toBe(1006)
    expect(sink.subscribers).toBe(1)
  })

  it('F18: does not care when the clock on the wall jumps', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
    const { sink } = await openPublisher()
    const client = await TestClient.connect(sink.url)
    for (const jump of [3_600_000, -7_200_000, 3_600_000]) {
      vi.setSystemTime(Date.now() + jump)
      vi.advanceTimersByTime(1000)
      await turn()
    }
    expect(sink.subscribers).toBe(1)
    expect(client.socket.readyState).toBe(client.socket.OPEN)
    expect(sink.evicted).toBe(0)
  })

  it('S24, F30: bounds the answers to pings that nobody reads', async () => {
    const { sink, port, write } = await openPublisher()
    const good = await TestClient.connect(sink.url)
    const flooding = await TestClient.connect(sink.url)
    const wire = (flooding.socket as unknown as { _socket: NodeJS.WritableStream })._socket
    flooding.socket.pause()
    // Masked pings with 125 bytes, straight on the wire, until the publisher hangs up.
    const ping = Buffer.concat([Buffer.from([0x89, 0xfd, 0, 0, 0, 0]), Buffer.alloc(125)])
    wire.on('error', () => {})
    // Too few bytes to be a flood by themselves.
    wire.write(Buffer.concat(Array.from({ length: 500 }, () => ping)))
    while (sink.subscribers > 1) await turn()
    write('1')
    await good.has(1)
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200)
  })

  it('S22, F25, F29: ends who sends a giant frame or endless fragments, at once', async () => {
    const { sink } = await openPublisher()
    const wireOf = (client: TestClient) => (client.socket as unknown as { _socket: NodeJS.WritableStream })._socket
    const giant = await TestClient.connect(sink.url)
    // Two gigabytes are announced, and none of them has to come.
    wireOf(giant).write(Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0]))
    expect(await giant.closed).toBe(1009)
    const fragments = await TestClient.connect(sink.url)
    const more = Buffer.from([0x00, 0x80, 0, 0, 0, 0])
    wireOf(fragments).write(Buffer.concat([Buffer.from([0x01, 0x80, 0, 0, 0, 0]), ...Array(200).fill(more)]))
    expect(await fragments.closed).toBe(1008)
    expect(sink.subscribers).toBe(0)
  })

  it('S22, F29: a hundred at once with endless fragments cost nothing and are all sent away', async () => {
    const { sink, write } = await openPublisher()
    const good = await TestClient.connect(sink.url)
    const clients = await Promise.all(Array.from({ length: 100 }, () => TestClient.connect(sink.url)))
    const more = Buffer.from([0x00, 0x80, 0, 0, 0, 0])
    const endless = Buffer.concat([Buffer.from([0x01, 0x80, 0, 0, 0, 0]), ...Array(2000).fill(more)])
    const before = process.memoryUsage().rss
    for (const { socket } of clients) (socket as unknown as { _socket: NodeJS.WritableStream })._socket.write(endless)
    const codes = await Promise.all(clients.map(({ closed }) => closed))
    expect(new Set(codes)).toEqual(new Set([1008]))
    // Both ends are in this process.
    expect(process.memoryUsage().rss - before).toBeLessThan(16 << 20)
    write('1')
    await good.has(1)
  })
})
