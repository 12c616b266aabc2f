import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { ContraflowError } from '../../src/errors.js'
import type { Sink } from './sink.js'

/** Where to listen, and how much may wait for one subscriber. */
export interface WebSocketSinkOptions {
  /** 0 takes a free one. */
  readonly port: number
  /** Default 127.0.0.1: this machine only. */
  readonly host?: string
  /** Bytes that may wait for one subscriber before it is dropped. Default 1 MiB. */
  readonly maxBuffered?: number
}

/** A publisher, and how it fares. */
export interface WebSocketSink extends Sink {
  /** Where subscribers connect. */
  readonly url: string
  readonly subscribers: number
  /** Subscribers dropped because they did not read. */
  readonly dropped: number
}

const HEARTBEAT = 30_000

/**
 * Publishes to everyone who connects. Each message is serialised once; a subscriber that does not keep up is dropped, not
 * waited for; what subscribers send is ignored.
 */
export async function websocketSink(
  options: WebSocketSinkOptions,
  failed: (error: Error) => void,
): Promise<WebSocketSink> {
  const { port, host = '127.0.0.1', maxBuffered = 1 << 20 } = options
  const http = createServer((_request, response) => response.writeHead(426).end('This port speaks WebSocket only.\n'))
  const server = new WebSocketServer({ server: http, maxPayload: 64 * 1024, perMessageDeflate: false })
  await listen(http, server, port, host)
  http.on('error', failed)
  const { port: bound } = http.address() as AddressInfo
  const alive = new WeakSet<WebSocket>()
  let dropped = 0

  server.on('connection', socket => {
    alive.add(socket)
    // Without a listener an error of one subscriber would end the process; 'close' follows it.
    socket.on('error', () => {})
    socket.on('pong', () => alive.add(socket))
  })
  const heartbeat = setInterval(() => {
    for (const socket of server.clients) {
      if (!alive.delete(socket)) socket.terminate()
      else socket.ping()
    }
  }, HEARTBEAT)
  heartbeat.unref()

  return {
    url: `ws://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    get subscribers() {
      return server.clients.size
    },
    get dropped() {
      return dropped
    },
    write(line) {
      if (server.clients.size === 0) return
      const message = Buffer.from(line)
      for (const socket of server.clients) {
        if (socket.readyState !== WebSocket.OPEN) continue
        if (socket.bufferedAmount <= maxBuffered) socket.send(message, { binary: false })
        else {
          dropped++
          socket.terminate()
        }
      }
    },
    async close() {
      clearInterval(heartbeat)
      await closeAll(http, server)
    },
  }
}

async function listen(http: Server, server: WebSocketServer, port: number, host: string): Promise<void> {
  // The server passes on the errors of the http server.
  server.on('error', () => {})
  http.listen(port, host)
  try {
    await once(http, 'listening')
  } catch (error) {
    throw new ContraflowError(
      'SINK_FAILED',
      {
        received: (error as Error).message,
        place: `port ${port}`,
        remedy: 'Choose another port, or end what uses it.',
      },
      { cause: error },
    )
  }
}

/** How long subscribers get to read what is on its way, and others to say what they want, milliseconds. */
const FAREWELL = 2000

async function closeAll(http: Server, server: WebSocketServer): Promise<void> {
  const closed = once(http, 'close')
  const impatient = setTimeout(() => {
    for (const socket of server.clients) socket.terminate()
    http.closeAllConnections()
  }, FAREWELL)
  for (const socket of server.clients) socket.close(1001)
  server.close()
  http.close()
  await closed
  clearTimeout(impatient)
}
