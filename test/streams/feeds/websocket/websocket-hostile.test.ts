import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocketServer } from 'ws'
import { websocketFeed } from '../../../../streams/feeds/websocket/websocket.js'
import type { WebSocketFeedOptions } from '../../../../streams/feeds/websocket/websocket-options.js'
import { breakConnections, muteServer } from '../../../support/breaking-feeds.js'
import { makeCertificate } from '../../../support/certificate.js'
import { feedContext, outline, watchFeed } from '../../../support/feeds.js'
import { SEED } from '../../../support/seed.js'
import { shortFrame, startServer, startTcpServer, upgradeRaw } from '../../../support/sockets.js'

const MIB = 1 << 20
const message = (t: number) => `{"t":${t},"y":[1]}`

function watchOnce(url: string, options: Partial<WebSocketFeedOptions> = {}) {
  return watchFeed(websocketFeed({ url, reconnect: false, ...options }, feedContext()))
}

describe('websocketFeed, against a hostile or broken server', () => {
  it.each([
    ['2 GiB', 2n ** 31n],
    ['a byte more than the mebibyte that it may have', BigInt(MIB + 1)],
  ])('F25: refuses a frame that says it has %s before anything of it has come', async (_what, length) => {
    const { port } = await startTcpServer(socket =>
      upgradeRaw(socket, () => {
        const head = Buffer.alloc(10)
        head[0] = 0x81
        head[1] = 127
        head.writeBigUInt64BE(length, 2)
        socket.write(head)
      }),
    )
    const before = process.memoryUsage().rss
    const watch = watchOnce(`ws://127.0.0.1:${port}`)
    await watch.end
    expect(watch.error).toMatchObject({ code: 'FEED_GAVE_UP', received: expect.stringContaining('Max payload size') })
    expect(process.memoryUsage().rss - before).toBeLessThan(20 * MIB)
  })

  it.each([
    [200, false],
    [200, true],
    [2, true],
  ])('F28: a bomb of %s MiB goes off nowhere (compression %s)', async (mebibytes, compression) => {
    const { url } = await startServer(socket => socket.send(Buffer.alloc(mebibytes * MIB), { binary: false }), {
      perMessageDeflate: { threshold: 0 },
      maxPayload: 0,
    })
    const watch = watchOnce(url, { compression })
    await watch.end
    expect(watch.values).toEqual([])
    expect(watch.error).toMatchObject({ code: 'FEED_GAVE_UP', received: expect.stringContaining('Max payload size') })
  })

  it('reads compressed messages when it has offered to', async () => {
    const { url } = await startServer(
      socket => {
        socket.send(message(1).padEnd(5000), { compress: true })
        socket.close(1000)
      },
      { perMessageDeflate: { threshold: 0 } },
    )
    const watch = watchOnce(url, { compression: true })
    await watch.end
    expect(outline(watch.values)).toEqual([1])
  })

  it('S22, F29: refuses a message in a million fragments early', async () => {
    const { port, sockets } = await startTcpServer(socket =>
      upgradeRaw(socket, () => {
        socket.write(shortFrame(0x01, 'a'))
        const flood = Buffer.concat(new Array<Buffer>(10_000).fill(shortFrame(0x00, 'a')))
        for (let i = 0; i < 100; i++) socket.write(flood)
      }),
    )
    const watch = watchOnce(`ws://127.0.0.1:${port}`)
    await watch.end
    expect(watch.error).toMatchObject({ received: expect.stringContaining('fragments') })
    expect(sockets[0]!.bytesWritten).toBeLessThan(4 * MIB)
  })

  it.each([
    [64, [1]],
    [65, []],
  ])('S22, F29: takes a message in %s pieces for what it is: %s', async (pieces, times) => {
    const text = message(1).padEnd(pieces)
    const frames = Array.from(text, (letter, i) => {
      return shortFrame((i === pieces - 1 ? 0x80 : 0) | (i === 0 ? 1 : 0), letter)
    })
    const { port } = await startTcpServer(socket =>
      upgradeRaw(socket, () => socket.end(Buffer.concat([...frames, shortFrame(0x88, Uint8Array.of(0x03, 0xe8))]))),
    )
    const watch = watchOnce(`ws://127.0.0.1:${port}`)
    await watch.end
    expect(outline(watch.values)).toEqual(times)
    expect(watch.error === undefined).toBe(times.length > 0)
  })

  it('S24, F30: gives up a server that floods it with pings instead of piling up answers', async () => {
    const { url } = await startServer(socket => {
      for (let i = 0; i < 100_000; i++) socket.ping()
      socket.send(message(1))
    })
    const before = process.memoryUsage().rss
    const watch = watchOnce(url)
    await watch.end
    expect(watch.values).toEqual([])
    expect(watch.error).toMatchObject({
      code: 'FEED_GAVE_UP',
      received: expect.stringMatching(/^more than 8 pings at once: /),
    })
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB)
  })

  it('F30: gives up a server that floods it with pings and reads every answer', async () => {
    let pongs = 0
    const { url } = await startServer(socket => {
      const five = () => {
        for (let i = 0; i < 5; i++) socket.ping()
      }
      socket.on('pong', () => {
        if (++pongs % 5 === 0 && pongs < 2000) five()
        else if (pongs === 2000) socket.close(1000)
      })
      five()
    })
    const watch = watchOnce(url)
    await watch.end
    expect(watch.error).toMatchObject({ code: 'FEED_GAVE_UP', received: 'a flood of pings' })
    expect(pongs).toBeLessThanOrEqual(1000)
  })

  it('F24: reads binary frames as text when told so, and makes dead letters of those that are none', async () => {
    const { url } = await startServer(socket => {
      socket.send(Buffer.from(message(1)))
      socket.send(Uint8Array.of(0xff, 0xfe))
      socket.send(message(2))
      socket.close(1000)
    })
    const watch = watchOnce(url, { binary: 'text' })
    await watch.end
    expect(outline(watch.values)).toEqual([1, 'OBSERVATION_NOT_JSON', 2])
    expect(watch.values[1]).toMatchObject({ received: 'a binary frame of 2 bytes that are no UTF-8' })
  })

  it.each([
    ['text that is no UTF-8', shortFrame(0x81, Uint8Array.of(0xff)), 'invalid UTF-8'],
    ['a reserved bit', shortFrame(0xf1, 'a'), 'RSV'],
    ['an unknown opcode', shortFrame(0x83, 'a'), 'opcode'],
    ['a frame that is masked', Buffer.of(0x81, 0x81, 1, 2, 3, 4, 0x60), 'MASK'],
    ['a close code that is reserved', shortFrame(0x88, Uint8Array.of(0x03, 0xec)), 'status code'],
  ])('ends a connection that brings %s, with a reason', async (_what, bytes, reason) => {
    const { port } = await startTcpServer(socket => upgradeRaw(socket, () => socket.write(bytes)))
    const watch = watchOnce(`ws://127.0.0.1:${port}`)
    await watch.end
    expect(watch.error).toMatchObject({ code: 'FEED_GAVE_UP', received: expect.stringContaining(reason) })
  })

  it('S29, F03: gives up a server that never answers the request, every time within its patience', async () => {
    const times = await muteServer({ runs: 20, handshakeTimeout: 0.2 })
    expect(Math.min(...times)).toBeGreaterThanOrEqual(195)
    // 400 ms on a quiet machine, as the soak demands.
    expect(Math.max(...times)).toBeLessThan(2000)
  })

  it('F01: loses and repeats nothing over 500 connections that break at any byte, in four ways, and keeps no socket', async () => {
    const { times, left, waits } = await breakConnections({ drops: 500, seed: SEED })
    expect(left).toBeLessThanOrEqual(0)
    expect(times.length).toBeGreaterThan(100)
    expect(times).toEqual(times.map((_, i) => i))
    for (const { wait, bound } of waits) expect(wait >= 0 && wait <= bound, `${wait} of ${bound} ms`).toBe(true)
  })
})

describe('websocketFeed that carries secrets', () => {
  it.each([
    ['127.0.0.1', false],
    // Any address of this machine would do; this one leads to it, and does not look like it.
    ['0.0.0.0', true],
  ])('S05: warns when they go to %s without encryption: %s', async (host, warns) => {
    process.env.CONTRAFLOW_TEST_SECRET = 'a-secret'
    onTestFinished(() => {
      delete process.env.CONTRAFLOW_TEST_SECRET
    })
    const { url } = await startServer(socket => socket.close(1000))
    const context = feedContext()
    const options = { headers: { Authorization: `\${env:CONTRAFLOW_TEST_SECRET}` }, reconnect: false }
    await watchFeed(websocketFeed({ url: url.replace('127.0.0.1', host), ...options }, context)).end
    expect(context.logs.some(line => line.includes('unencrypted; use wss://'))).toBe(warns)
  })

  it('S30: takes them to no other server, whatever the first one says', async () => {
    const elsewhere = await startTcpServer()
    const { port } = await startTcpServer(socket => {
      socket.end(`HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:${elsewhere.port}/\r\nContent-Length: 0\r\n\r\n`)
    })
    const watch = watchOnce(`ws://127.0.0.1:${port}`, { headers: { Authorization: 'Bearer secret' } })
    await watch.end
    expect(watch.error).toMatchObject({ code: 'FEED_GAVE_UP', received: expect.stringContaining('302') })
    expect(elsewhere.sockets).toEqual([])
  })
})

describe('websocketFeed over TLS', () => {
  /** A certificate for 127.0.0.1 that nobody knows. */
  async function secureServer() {
    const { key, certificate } = makeCertificate()
    const https = createServer({ key: readFileSync(key), cert: readFileSync(certificate) })
    const server = new WebSocketServer({ server: https })
    server.on('connection', socket => {
      socket.send(message(1))
      socket.close(1000)
    })
    https.listen(0, '127.0.0.1')
    await once(https, 'listening')
    onTestFinished(() => {
      server.close()
      https.close()
      https.closeAllConnections()
    })
    return { url: `wss://127.0.0.1:${(https.address() as AddressInfo).port}`, certificate }
  }

  it('S05: refuses a certificate that nobody vouches for, whatever the environment says', async () => {
    const { url } = await secureServer()
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    onTestFinished(() => {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before
    })
    const watch = watchOnce(url)
    await watch.end
    expect(watch.error).toMatchObject({ code: 'FEED_GAVE_UP', received: expect.stringContaining('certificate') })
  })

  it('S05: takes the certificates of a private authority', async () => {
    const { url, certificate } = await secureServer()
    const watch = watchOnce(url, { ca: certificate })
    await watch.end
    expect(watch.error).toBeUndefined()
    expect(outline(watch.values)).toEqual([1])
  })
})
