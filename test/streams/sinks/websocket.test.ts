import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openPublisher } from '../../support/publisher.js'
import { closedPort, TestClient } from '../../support/sockets.js'

describe('websocketSink', () => {
  it('sends every subscriber the same text', async () => {
    const { sink, write } = await openPublisher()
    const clients = await Promise.all([1, 2, 3].map(() => TestClient.connect(sink.url)))
    const lines = Array.from({ length: 100 }, (_, i) => `{"n":${i},"é":"€"}`)
    for (const line of lines) write(line)
    for (const client of clients) {
      await client.has(100)
      expect(client.texts).toEqual(lines)
      expect(client.binary).not.toContain(true)
    }
    expect(sink.subscribers).toBe(3)
    expect(sink.evicted).toBe(0)
  })

  it('sends a late subscriber only what is new', async () => {
    const { sink, write } = await openPublisher()
    write('nobody hears this')
    const early = await TestClient.connect(sink.url)
    write('1')
    const late = await TestClient.connect(sink.url)
    write('2')
    await Promise.all([early.has(2), late.has(1)])
    expect(early.texts).toEqual(['1', '2'])
    expect(late.texts).toEqual(['2'])
  })

  it('forgets subscribers that leave', async () => {
    const { sink, write } = await openPublisher()
    const [stays, leaves, breaks] = await Promise.all([1, 2, 3].map(() => TestClient.connect(sink.url)))
    leaves!.socket.close(1000)
    breaks!.socket.terminate()
    await Promise.all([leaves!.closed, breaks!.closed])
    while (sink.subscribers > 1) {
      write('are you there?')
      await stays!.has(stays!.texts.length + 1)
    }
    expect(sink.subscribers).toBe(1)
    expect(sink.evicted).toBe(0)
  })

  it('S20: ends subscribers that send too much or no WebSocket, and nobody else', async () => {
    const { sink, write, failures } = await openPublisher()
    const good = await TestClient.connect(sink.url)
    const loud = await TestClient.connect(sink.url)
    loud.socket.send('x'.repeat(64 * 1024 + 1))
    expect(await loud.closed).toBe(1009)
    const broken = await TestClient.connect(sink.url)
    // A frame with reserved bits, straight on the wire.
    const wire = (broken.socket as unknown as { _socket: NodeJS.WritableStream })._socket
    wire.write(Buffer.from([0xff, 0xff, 0xff, 0xff]))
    await broken.closed
    write('1')
    await good.has(1)
    expect(failures).toEqual([])
  })

  it('serves two hundred subscribers', async () => {
    const { sink, write } = await openPublisher()
    const clients = await Promise.all(Array.from({ length: 200 }, () => TestClient.connect(sink.url)))
    expect(sink.subscribers).toBe(200)
    for (let i = 0; i < 20; i++) write(`${i}`)
    await Promise.all(clients.map(client => client.has(20)))
    const expected = Array.from({ length: 20 }, (_, i) => `${i}`)
    for (const { texts } of clients) expect(texts).toEqual(expected)
    expect(sink.evicted).toBe(0)
  })

  it('tells who comes without WebSocket what is spoken here', async () => {
    const { sink } = await openPublisher()
    const response = await fetch(sink.url.replace('ws:', 'http:'))
    expect(response.status).toBe(426)
    expect(await response.text()).toContain('WebSocket')
  })

  it('S01: listens where it is told to, on this machine only unless told otherwise', async () => {
    const port = await closedPort()
    const { sink } = await openPublisher({ port })
    expect(sink.url).toBe(`ws://127.0.0.1:${port}`)
    const other = await openPublisher({ host: '::1' })
    expect(other.sink.url).toMatch(/^ws:\/\/\[::1\]:\d+$/)
    const client = await TestClient.connect(other.sink.url)
    other.write('1')
    await client.has(1)
  })

  it('fails with SINK_FAILED when the port is taken', async () => {
    const { sink } = await openPublisher()
    const port = Number(new URL(sink.url).port)
    await expect(openPublisher({ port })).rejects.toMatchObject({ code: 'SINK_FAILED', place: `port ${port}` })
  })
})

describe('websocketSink, closing', () => {
  it('sends out what is pending, says goodbye and lets go of the port', async () => {
    const { sink, write } = await openPublisher()
    const clients = await Promise.all([1, 2].map(() => TestClient.connect(sink.url)))
    for (let i = 0; i < 1000; i++) write(`${i}`)
    await sink.close()
    for (const client of clients) {
      expect(await client.closed).toBe(1001)
      expect(client.texts).toHaveLength(1000)
    }
    await openPublisher({ port: Number(new URL(sink.url).port) })
  })

  it('S27: does not wait for ever for a subscriber that does not read', async () => {
    const { sink } = await openPublisher()
    const client = await TestClient.connect(sink.url)
    client.socket.pause()
    await sink.close()
    client.socket.resume()
    await client.closed
  })

  it('does not wait for ever for a connection that has never said a word', async () => {
    const { sink } = await openPublisher()
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
