import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type WebSocketSinkOptions, websocketSink } from '../../../streams/sinks/websocket.js'
import { closedPort, TestClient } from '../../support/sockets.js'

async function openSink(options: Partial<WebSocketSinkOptions> = {}) {
  const failures: Error[] = []
  const sink = await websocketSink({ port: 0, ...options }, error => failures.push(error))
  onTestFinished(() => sink.close())
  return { sink, failures }
}

describe('websocketSink', () => {
  it('sends every subscriber the same text', async () => {
    const { sink } = await openSink()
    const clients = await Promise.all([1, 2, 3].map(() => TestClient.connect(sink.url)))
    const lines = Array.from({ length: 100 }, (_, i) => `{"n":${i},"é":"€"}`)
    for (const line of lines) sink.write(line)
    for (const client of clients) {
      await client.has(100)
      expect(client.texts).toEqual(lines)
      expect(client.binary).not.toContain(true)
    }
    expect(sink.subscribers).toBe(3)
    expect(sink.dropped).toBe(0)
  })

  it('sends a late subscriber only what is new', async () => {
    const { sink } = await openSink()
    sink.write('nobody hears this')
    const early = await TestClient.connect(sink.url)
    sink.write('1')
    const late = await TestClient.connect(sink.url)
    sink.write('2')
    await Promise.all([early.has(2), late.has(1)])
    expect(early.texts).toEqual(['1', '2'])
    expect(late.texts).toEqual(['2'])
  })

  it('forgets subscribers that leave', async () => {
    const { sink } = await openSink()
    const [stays, leaves, breaks] = await Promise.all([1, 2, 3].map(() => TestClient.connect(sink.url)))
    leaves!.socket.close(1000)
    breaks!.socket.terminate()
    await Promise.all([leaves!.closed, breaks!.closed])
    while (sink.subscribers > 1) {
      sink.write('are you there?')
      await stays!.has(stays!.texts.length + 1)
    }
    expect(sink.subscribers).toBe(1)
    expect(sink.dropped).toBe(0)
  })

  it('drops a subscriber that does not read, and counts it, while the others get everything', async () => {
    const { sink } = await openSink({ maxBuffered: 100_000 })
    const reader = await TestClient.connect(sink.url)
    const stalled = await TestClient.connect(sink.url)
    stalled.socket.pause()
    const line = 'x'.repeat(50_000)
    let written = 0
    // The buffers of the system take some megabytes before anything waits here.
    while (sink.dropped === 0 && written < 2000) {
      sink.write(line)
      await reader.has(++written)
    }
    expect(sink.dropped).toBe(1)
    expect(written).toBeGreaterThan(1)
    sink.write('last')
    await reader.has(written + 1)
    expect(reader.texts.every((text, i) => text === (i < written ? line : 'last'))).toBe(true)
    expect(sink.subscribers).toBe(1)
    stalled.socket.resume()
    expect(await stalled.closed).toBe(1006)
    expect(sink.dropped).toBe(1)
  })

  it('ignores what subscribers send', async () => {
    const { sink, failures } = await openSink()
    const client = await TestClient.connect(sink.url)
    for (const text of ['{"t":1,"y":[1]}', 'oops', '']) client.socket.send(text)
    client.socket.send(Buffer.from([1, 2, 3]))
    client.socket.ping()
    await once(client.socket, 'pong')
    sink.write('1')
    await client.has(1)
    expect(client.texts).toEqual(['1'])
    expect(failures).toEqual([])
  })

  it('ends subscribers that send too much or no WebSocket, and nobody else', async () => {
    const { sink, failures } = await openSink()
    const good = await TestClient.connect(sink.url)
    const loud = await TestClient.connect(sink.url)
    loud.socket.send('x'.repeat(64 * 1024 + 1))
    expect(await loud.closed).toBe(1009)
    const broken = await TestClient.connect(sink.url)
    // A frame with reserved bits, straight on the wire.
    const wire = (broken.socket as unknown as { _socket: NodeJS.WritableStream })._socket
    wire.write(Buffer.from([0xff, 0xff, 0xff, 0xff]))
    await broken.closed
    sink.write('1')
    await good.has(1)
    expect(failures).toEqual([])
  })

  it('serves two hundred subscribers', async () => {
    const { sink } = await openSink()
    const clients = await Promise.all(Array.from({ length: 200 }, () => TestClient.connect(sink.url)))
    expect(sink.subscribers).toBe(200)
    for (let i = 0; i < 20; i++) sink.write(`${i}`)
    await Promise.all(clients.map(client => client.has(20)))
    const expected = Array.from({ length: 20 }, (_, i) => `${i}`)
    for (const { texts } of clients) expect(texts).toEqual(expected)
    expect(sink.dropped).toBe(0)
  })

  it('tells who comes without WebSocket what is spoken here', async () => {
    const { sink } = await openSink()
    const response = await fetch(sink.url.replace('ws:', 'http:'))
    expect(response.status).toBe(426)
    expect(await response.text()).toContain('WebSocket')
  })

  it('listens where it is told to, on this machine only unless told otherwise', async () => {
    const port = await closedPort()
    const { sink } = await openSink({ port })
    expect(sink.url).toBe(`ws://127.0.0.1:${port}`)
    const other = await openSink({ host: '::1' })
    expect(other.sink.url).toMatch(/^ws:\/\/\[::1\]:\d+$/)
    const client = await TestClient.connect(other.sink.url)
    other.sink.write('1')
    await client.has(1)
  })

  it('fails with SINK_FAILED when the port is taken', async () => {
    const { sink } = await openSink()
    const port = Number(new URL(sink.url).port)
    await expect(openSink({ port })).rejects.toMatchObject({ code: 'SINK_FAILED', place: `port ${port}` })
  })
})

describe('websocketSink, closing', () => {
  const newSink = () => websocketSink({ port: 0 }, () => {})

  it('sends out what is pending, says goodbye and lets go of the port', async () => {
    const sink = await newSink()
    const clients = await Promise.all([1, 2].map(() => TestClient.connect(sink.url)))
    for (let i = 0; i < 1000; i++) sink.write(`${i}`)
    await sink.close()
    for (const client of clients) {
      expect(await client.closed).toBe(1001)
      expect(client.texts).toHaveLength(1000)
    }
    const again = await websocketSink({ port: Number(new URL(sink.url).port) }, () => {})
    await again.close()
  })

  it('does not wait for ever for a subscriber that does not read', async () => {
    const sink = await newSink()
    const client = await TestClient.connect(sink.url)
    client.socket.pause()
    await sink.close()
    client.socket.resume()
    await client.closed
  })

  it('does not wait for ever for a connection that has never said a word', async () => {
    const sink = await newSink()
    const mute = connect(Number(new URL(sink.url).port), '127.0.0.1')
    onTestFinished(() => {
      mute.destroy()
    })
    await once(mute, 'connect')
    // Its own port answers others, so the mute one has been accepted.
    await fetch(sink.url.replace('ws:', 'http:'))
    await sink.close()
  }, 10_000)
})

describe('websocketSink, heartbeat', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('ends subscribers that have not answered the ping of half a minute ago', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { sink } = await openSink()
    const alive = await TestClient.connect(sink.url)
    const dead = await TestClient.connect(sink.url)
    for (let i = 0; i < 3; i++) {
      const pinged = once(alive.socket, 'ping')
      vi.advanceTimersByTime(30_000)
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
})
