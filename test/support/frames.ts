import { randomBytes } from 'node:crypto'
import { rawConnection } from './publisher.js'

/** What a frame of RFC 6455 says of itself; the defaults make a sound text frame of a client. */
export interface FrameParts {
  readonly fin?: boolean
  /** The three reserved bits, 4 is the first one. */
  readonly reserved?: number
  readonly opcode?: number
  readonly masked?: boolean
  readonly payload?: string | Buffer
  /** The length that it claims, instead of that of the payload. */
  readonly length?: number | bigint
}

/** The bytes of a frame, sound or not. */
export function frame({
  fin = true,
  reserved = 0,
  opcode = 1,
  masked = true,
  payload = '',
  length,
}: FrameParts): Buffer {
  const bytes = Buffer.from(payload)
  const head = [(fin ? 0x80 : 0) | (reserved << 4) | opcode]
  const claimed = length ?? bytes.length
  const mask = masked ? 0x80 : 0
  if (claimed < 126) head.push(mask | Number(claimed))
  else if (claimed < 65536) head.push(mask | 126, Number(claimed) >> 8, Number(claimed) & 255)
  else {
    const long = Buffer.alloc(8)
    long.writeBigUInt64BE(BigInt(claimed))
    head.push(mask | 127, ...long)
  }
  if (!masked) return Buffer.concat([Buffer.from(head), bytes])
  const key = randomBytes(4)
  return Buffer.concat([Buffer.from(head), key, bytes.map((byte, i) => byte ^ key[i % 4]!)])
}

const HANDSHAKE = [
  'GET / HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]

/** A WebSocket of which a test writes every byte itself. @param headers More lines of the handshake. */
export async function rawWebSocket(port: number, headers: readonly string[] = []) {
  const socket = await rawConnection(port)
  socket.write(`${[...HANDSHAKE, ...headers].join('\r\n')}\r\n\r\n`)
  while (!socket.heard().includes('\r\n\r\n')) await new Promise(resolve => socket.once('data', resolve))
  return socket
}

/** The frames that a server has sent after its answer to the handshake, as far as they are whole. */
export function framesOf(heard: string): { opcode: number; payload: Buffer }[] {
  let bytes = Buffer.from(heard.slice(heard.indexOf('\r\n\r\n') + 4), 'latin1')
  const frames: { opcode: number; payload: Buffer }[] = []
  while (bytes.length >= 2) {
    const short = bytes[1]! & 127
    const [start, length] =
      short < 126 ? [2, short] : short === 126 ? [4, bytes.readUInt16BE(2)] : [10, Number(bytes.readBigUInt64BE(2))]
    if (bytes.length < start + length) break
    frames.push({ opcode: bytes[0]! & 15, payload: bytes.subarray(start, start + length) })
    bytes = bytes.subarray(start + length)
  }
  return frames
}

/** Code of the close frame among what a server has sent; undefined when it has sent none. */
export function closeCode(heard: string): number | undefined {
  const close = framesOf(heard).find(({ opcode }) => opcode === 8)
  return close && (close.payload.length >= 2 ? close.payload.readUInt16BE(0) : 1005)
}
