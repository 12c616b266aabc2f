import { createServer, type RequestListener, type Server } from 'node:http'

/** Milliseconds and bytes that a request may take: whoever dawdles is cut off (Node looks once a second). */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 5000,
  maxHeaderSize: 8192,
}
/** Connections beyond the subscribers: health checks, and those that are just being refused. */
const SPARE = 100

/** An HTTP server that a slow or flooding client cannot tie up. */
export function limitedHttpServer(
  answer: RequestListener,
  maxSubscribers: number,
  limits: Partial<typeof LIMITS> = {},
): Server {
  const server = createServer({ ...LIMITS, ...limits }, answer)
  server.maxConnections = maxSubscribers + SPARE
  server.maxRequestsPerSocket = 100
  return server
}
