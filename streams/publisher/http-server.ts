import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer, type Server as SecureServer } from 'node:https'
import type { SecureContextOptions } from 'node:tls'

/** Milliseconds and bytes that a request may take: whoever dawdles is cut off (Node looks once a second). */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 5000,
  maxHeaderSize: 8192,
}
/** Milliseconds for the handshake of TLS. */
const HANDSHAKE_TIMEOUT = 10_000
/** Connections beyond the subscribers: health checks, and those that are just being refused. */
const SPARE = 100

/** What a limited server may be told. */
export interface LimitedServerOptions {
  readonly maxSubscribers: number
  /** Speak TLS, with this. */
  readonly secure?: SecureContextOptions | undefined
  /** Instead of the limits of the checklist. */
  readonly limits?: Partial<typeof LIMITS & { handshakeTimeout: number }>
}

/** An HTTP or HTTPS server that a slow or flooding client cannot tie up. */
export function limitedHttpServer(
  answer: RequestListener,
  { maxSubscribers, secure, limits }: LimitedServerOptions,
): Server | SecureServer {
  const options = { ...LIMITS, ...limits }
  const server = secure
    ? createHttpsServer({ handshakeTimeout: HANDSHAKE_TIMEOUT, ...options, ...secure }, answer)
    : createHttpServer(options, answer)
  server.maxConnections = maxSubscribers + SPARE
  server.maxRequestsPerSocket = 100
  return server
}
