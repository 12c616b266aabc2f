import { connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/random.js'
import { openPublisher } from '../../support/publisher.js'
import { SEED } from '../../support/seed.js'
import { TestClient } from '../../support/sockets.js'

/** Frames in all, of one connection, and connections at a time. */
const FRAMES = Number(process.env.FRAMES ?? 10_000)
const [EACH, AT_ONCE] = [20, 25]
/** 1000 and 1005: it has asked for it itself. */
const CODES = [1000, 1002, 1003, 1005, 1007, 1008, 1009]

/** A frame of which anything may be wrong: flags, opcode, mask, length, text. */
function anyFrame(random: Random): Buffer {
  const below = (n: number) => Math.floor(random.uniform() * n)
  const payload = Buffer.from(Array.from({ length: below(40) }, () => below(256)))
  const first = below(3) === 0 ? below(256) : 0x80 | [1, 1, 1, 2, 8, 9, 10][below(7)]!
  const mask = below(10) === 0 ? 0 : 0x80
  const lie = below(8)
  const length = lie === 0 ? below(126) : payload.length
  const head =
    lie === 1
      ? Buffer.from([first, mask | 126, below(256), below(256)])
      : lie === 2
        ? Buffer.from([first, mask | 127, below(2) && below(256), 0, 0, below(2), below(256), 0, 0, 0])
        : Buffer.from([first, mask | length])
  return Buffer.concat([head, ...(mask ? [Buffer.alloc(4)] : []), payload])
}

/** What a server said before it hung up: the code of its close, 0 for none. */
function closeCode(bytes: Buffer): number {
  let at = bytes.indexOf('\r\n\r\n') + 4
  while (at + 2 <= bytes.length) {
    const length = bytes[at + 1]! & 0x7f
    if ((bytes[at]! & 0x0f) === 8) return length >= 2 ? bytes.readUInt16BE(at + 2) : 1005
    const extended = length === 126 ? bytes.readUInt16BE(at + 2) + 2 : length
    at += 2 + extended
  }
  return 0
}

describe('ws frames with anything wrong', () => {
  it(
    `F23, F25: ${FRAMES} of them: whoever is sent away is told why, and nobody else notices`,
    async () => {
      const { sink, port, failures, write } = await openPublisher()
      const good = await TestClient.connect(sink.url)
      const random = new Random(SEED)
      const codes = new Map<number, number>()
      /** Connects, again where connections have come faster than the publisher takes them. @returns undefined where it was refused. */
      const shakeHands = async () => {
        const socket: Socket = connect(port, '127.0.0.1')
        const hears = { bytes: Buffer.alloc(0) }
        socket
          .on('error', () => {})
          .on('data', part => {
            hears.bytes = Buffer.concat([hears.bytes, part])
          })
        const head =
          'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13'
        socket.write(`${head}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`)
        // A write into a connection that has just been closed is an error, which `once` would throw.
        const closed = new Promise(resolve => socket.once('close', resolve))
        while (!hears.bytes.includes('\r\n\r\n')) {
          await Promise.race([new Promise(resolve => socket.once('data', resolve)), closed])
          if (socket.destroyed && hears.bytes.length === 0) return undefined
        }
        if (hears.bytes.includes('HTTP/1.1 101')) return { socket, hears, closed }
        socket.destroy()
        return undefined
      }
      const converse = async () => {
        let connection = await shakeHands()
        while (!connection) connection = await shakeHands()
        const { socket, hears, closed } = connection
        for (let n = 0; n < EACH && !socket.destroyed; n++) socket.write(anyFrame(random))
        // Half of a frame may be waited for; the end of the connection ends that.
        socket.end()
        await closed
        const code = closeCode(hears.bytes)
        codes.set(code, (codes.get(code) ?? 0) + 1)
      }
      for (let sent = 0; sent < FRAMES; sent += EACH * AT_ONCE)
        await Promise.all(Array.from({ length: AT_ONCE }, converse))
      while (sink.subscribers > 1) await new Promise(resolve => setImmediate(resolve))
      write('1')
      await good.has(1)
      expect(failures).toEqual([])
      // A close with a code of an application's own is answered with that.
      expect(
        [...codes.keys()].filter(code => code !== 0 && !CODES.includes(code) && !(code >= 3000 && code < 5000)),
      ).toEqual([])
      // Most break a rule, and several different ones.
      expect((codes.get(1002) ?? 0) * EACH).toBeGreaterThan(FRAMES / 4)
      expect(codes.size).toBeGreaterThan(2)
      if (process.env.FRAMES)
        console.log(`seed ${SEED}, ${FRAMES} frames: closes by code ${JSON.stringify([...codes])}`)
    },
    60_000 + FRAMES / 4,
  )
})
