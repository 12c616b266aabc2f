import { once } from 'node:events'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { closeCode, type FrameParts, frame, framesOf, rawWebSocket } from '../../support/frames.js'
import { type AdvancingClock, openPublisher, rawConnection, say } from '../../support/publisher.js'
import { TestClient } from '../../support/sockets.js'

/** A publisher with one subscriber that must not notice anything. */
async function openWatched(options?: Parameters<typeof openPublisher>[0], clock?: AdvancingClock) {
  const opened = await openPublisher(options, clock)
  const bystander = await TestClient.connect(opened.sink.url)
  const unharmed = async () => {
    opened.write('{"n":1}')
    await bystander.has(1)
    expect(opened.failures).toEqual([])
  }
  return { ...opened, unharmed }
}

const text = (payload: string | Buffer): FrameParts => ({ payload })
const close = (...bytes: number[]): FrameParts => ({ opcode: 8, payload: Buffer.from(bytes) })

describe('a subscriber that breaks the protocol of WebSocket', () => {
  it.each<[string, FrameParts[], number]>([
    ['sends without a mask', [{ masked: false, payload: '{"ping":1}' }], 1002],
    ['says that a frame is compressed', [{ reserved: 4, payload: deflateRawSync('x'.repeat(1e6)) }], 1002],
    ['sets the second reserved bit', [{ reserved: 2, payload: 'x' }], 1002],
    ['sets the third reserved bit', [{ reserved: 1, payload: 'x' }], 1002],
    ['uses an opcode that means nothing', [{ opcode: 3, payload: 'x' }], 1002],
    ['uses a control opcode that means nothing', [{ opcode: 11, payload: 'x' }], 1002],
    ['sends a ping in pieces', [{ opcode: 9, fin: false, payload: 'x' }], 1002],
    ['sends a ping of 126 bytes', [{ opcode: 9, payload: 'x'.repeat(126) }], 1002],
    ['goes on with what it never began', [{ opcode: 0, payload: 'x' }], 1002],
    ['begins anew inside of a message', [{ fin: false, payload: '{' }, text('}')], 1002],
    ['closes with one byte', [close(3)], 1002],
    ['closes with a code that may not be sent', [close(0x03, 0xed)], 1002],
    ['closes with a code out of range', [close(0x00, 0x01)], 1002],
    ['closes with a sentence that is no UTF-8', [close(0x03, 0xe8, 0xff)], 1007],
    ['S26: sends a text that is no UTF-8', [text(Buffer.from([0x7b, 0xff, 0xfe]))], 1007],
    ['S20, F25: says that a frame is 2 GiB large', [{ length: 2 ** 31 }], 1009],
    ['S20: says that a frame is 2^63 bytes large', [{ length: 2n ** 63n }], 1009],
    ['S20, F25: sends a frame of one byte more than it may', [text('x'.repeat((64 << 10) + 1))], 1009],
    ['S22, F29: sends a message in 65 pieces', pieces(65), 1008],
    ['S22: sends an empty message in endless pieces', pieces(1000, ''), 1008],
    ['sends a binary frame', [{ opcode: 2, payload: 'x' }], 1003],
  ])('S04: that %s is closed, and nobody else', async (_, parts, code) => {
    const { port, sink, unharmed } = await openWatched()
    const socket = await rawWebSocket(port)
    for (const part of parts) socket.write(frame(part))
    // A client that keeps to the protocol answers a close; this one just leaves.
    while (closeCode(socket.heard()) === undefined && !socket.closed)
      await Promise.race([once(socket, 'data'), socket.ended])
    expect(closeCode(socket.heard())).toBe(code)
    socket.destroy()
    while (sink.subscribers > 1) await new Promise(resolve => setImmediate(resolve))
    await unharmed()
  })

  it('S21: is not offered compression, whatever it asks for', async () => {
    const { port, write, unharmed } = await openWatched()
    const socket = await rawWebSocket(port, ['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits'])
    expect(socket.heard()).not.toMatch(/^sec-websocket-extensions/im)
    await unharmed()
    write(JSON.stringify('x'.repeat(100)))
    while (framesOf(socket.heard()).length < 2) await once(socket, 'data')
    expect(framesOf(socket.heard())[1]!.payload.toString()).toBe(JSON.stringify('x'.repeat(100)))
  })

  it('S25: is answered its pings, and its message in 64 pieces', async () => {
    const { port, unharmed } = await openWatched()
    const socket = await rawWebSocket(port)
    socket.write(frame({ opcode: 9, payload: 'hello' }))
    for (const part of pieces(64, undefined, '{"ping":1}')) socket.write(frame(part))
    while (framesOf(socket.heard()).length < 2) await once(socket, 'data')
    expect(framesOf(socket.heard()).map(({ opcode, payload }) => [opcode, payload.toString()])).toEqual([
      [10, 'hello'],
      [1, '{"pong":1}'],
    ])
    await unharmed()
  })

  it('S23: that sends a message in more pieces of TCP than it may is closed', async () => {
    const { port, unharmed } = await openWatched()
    const socket = await rawWebSocket(port)
    socket.setNoDelay(true)
    // A frame that never ends, one byte after the other, each on its own.
    for (const byte of frame({ payload: 'x'.repeat(60_000) })) {
      if (socket.destroyed || closeCode(socket.heard()) !== undefined) break
      await new Promise(resolve => socket.write(Buffer.of(byte), resolve))
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(closeCode(socket.heard())).toBe(1008)
    await unharmed()
  })

  it.each([
    ['pings, and reads every answer,', { opcode: 9, payload: 'x'.repeat(125) }],
    ['pongs', { opcode: 10, payload: 'x'.repeat(125) }],
  ] as const)('S06, F30: that floods with %s is sent away', async (_, part) => {
    const { port, sink, unharmed } = await openWatched()
    const socket = await rawWebSocket(port)
    // More unanswered pings than eight are an offence of their own.
    const flood = Buffer.concat(Array.from({ length: part.opcode === 9 ? 5 : 2000 }, () => frame(part)))
    for (let sent = 0; sent < 2 << 20 && !socket.destroyed; sent += flood.length) {
      const answered = part.opcode === 9 ? once(socket, 'data') : undefined
      await new Promise(resolve => socket.write(flood, resolve))
      if (answered) await Promise.race([answered, socket.ended])
    }
    await socket.ended
    expect(socket.heard()).toContain('Too many bytes; at most 256 KiB a second.')
    while (sink.subscribers > 1) await new Promise(resolve => setImmediate(resolve))
    await unharmed()
  })
})

describe('a connection that breaks', () => {
  it('S04: at any place, 200 times, by RST, ends nothing but itself', async () => {
    const { port, sink, write, unharmed } = await openWatched({ hosts: ['x'] })
    const errors: unknown[] = []
    const note = (error: unknown) => errors.push(error)
    process.on('uncaughtException', note).on('unhandledRejection', note)
    onTestFinished(() => {
      process.off('uncaughtException', note).off('unhandledRejection', note)
    })
    const handshake =
      'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
    const refused = handshake.replace('localhost', 'evil.example')
    const plain = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'
    const talks = [handshake, refused, plain, handshake + frame({ payload: '{"subscribe":{}}' }).toString('latin1')]
    for (let i = 0; i < 200; i++) {
      const socket = await rawConnection(port)
      const bytes = Buffer.from(talks[i % talks.length]!, 'latin1')
      const cut = 1 + Math.floor(((i * 0.618034) % 1) * bytes.length)
      await new Promise(resolve => socket.write(bytes.subarray(0, cut), resolve))
      if (i % 3 === 0) write(JSON.stringify('x'.repeat(1000)))
      socket.resetAndDestroy()
      await socket.ended
    }
    while (sink.subscribers > 1) await new Promise(resolve => setImmediate(resolve))
    await unharmed()
    expect(errors).toEqual([])
  })
})

describe('a request that means two things', () => {
  const rest = 'Host: localhost\r\nConnection: close\r\n'
  it.each([
    [
      'a length and chunks',
      `GET /metrics HTTP/1.1\r\n${rest}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['two lengths', `GET /health HTTP/1.1\r\n${rest}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`],
    ['a length that is no number', `GET /health HTTP/1.1\r\n${rest}Content-Length: +5\r\n\r\nhello`],
    ['a name with a blank', `GET /health HTTP/1.1\r\n${rest}X-A : b\r\n\r\n`],
    ['a value that goes on behind a bare CR', `GET /health HTTP/1.1\r\n${rest}X-A: b\rX-B: c\r\n\r\n`],
    ['a NUL', `GET /health HTTP/1.1\r\n${rest}X-A: b\0c\r\n\r\n`],
    ['a version of its own', `GET /health HTTP/9.9\r\n${rest}\r\n`],
  ])('S04: %s is refused with 400', async (_, bytes) => {
    const { port, unharmed } = await openWatched()
    expect(await say(port, bytes)).toMatch(/^HTTP\/1\.1 (400|505) /)
    await unharmed()
  })

  it('S12: nothing of a request comes back in an answer, so that nothing can be put into its headers', async () => {
    const { port } = await openPublisher({ token: { env: 'PATH' } })
    const mark = 'canary-4711'
    for (const bytes of [
      `GET /${mark}?${mark} HTTP/1.1\r\nHost: localhost\r\nX-${mark}: ${mark}\r\nConnection: close\r\n\r\n`,
      `GET /metrics?${mark} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${mark}\r\nConnection: close\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: ${mark}\r\nConnection: close\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: ${mark}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: localhost\r\nSec-WebSocket-Protocol: ${mark}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      `${mark} / HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    ])
      expect(await say(port, bytes)).not.toContain(mark)
  })
})

/** A message in so many frames. */
function pieces(count: number, each?: string, message = 'x'.repeat(count)): FrameParts[] {
  return Array.from({ length: count }, (_, i) => ({
    fin: i === count - 1,
    opcode: i === 0 ? 1 : 0,
    payload: each ?? message.slice(i, i === count - 1 ? undefined : i + 1),
  }))
}
