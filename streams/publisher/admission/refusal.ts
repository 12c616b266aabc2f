import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { SECURITY_HEADERS } from './security-headers.js'

/** Why a request is not answered: an HTTP status and one sentence. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 429 | 503
  readonly sentence: string
}

/** Tells a client that wanted a WebSocket why it gets none, and hangs up. */
export function refuse(socket: Duplex, { status, sentence }: Refusal): void {
  // Whoever hangs up first must not end the process.
  socket.on('error', () => socket.destroy())
  const body = `${sentence}\n`
  const headers = {
    ...SECURITY_HEADERS,
    Connection: 'close',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    ...(status === 401 && { 'WWW-Authenticate': 'Bearer' }),
    ...((status === 429 || status === 503) && { 'Retry-After': '1' }),
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`)
}
