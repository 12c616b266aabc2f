import type { Server } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { type Rate, RateLimit } from './rate-limit.js'

type Accept = (this: unknown, socket: Socket) => void

/**
 * Resets connections that come faster than a rate before anything is made of them: no parser, no handshake of TLS, no answer.
 * @param server HTTP or HTTPS, before it listens. @param now Milliseconds on a clock that never goes back.
 * @param reset Called for each that is reset, and for each beyond `maxConnections`.
 */
export function limitAccepts(
  server: Server | SecureServer,
  rate: Rate,
  now: () => number,
  reset: () => void = () => {},
): void {
  const limit = new RateLimit(rate, now())
  // A listener of our own in front could not keep a connection from those behind it.
  const accepts = server.listeners('connection') as Accept[]
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    if (limit.take(now())) {
      for (const accept of accepts) accept.call(server, socket)
      return
    }
    reset()
    socket.on('error', () => {}).resetAndDestroy()
  })
  // What is beyond `maxConnections` is closed before it gets here.
  server.on('drop', reset)
}
