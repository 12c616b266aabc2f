/**
 * An office room, live: its recorded week is served over a WebSocket, faster than real time. A pipeline connects to it as a
 * client, learns from every observation, and publishes its estimates on a second WebSocket that any client can subscribe to.
 *
 *     npm start
 */

import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { parsePipeline, runPipeline, systemClock, TerminalView } from 'contraflow/streams'
import { type WebSocket, WebSocketServer } from 'ws'

const LOG = new URL('../../examples/data/room.ndjson', import.meta.url)
/** Where to publish: the first free one of these. */
const PORT = 8765

const recorded = await serveLog()
const stop = new AbortController()
process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort())
const view = new TerminalView({ out: process.stdout, clock: systemClock, every: 1000 })

const pipeline = parsePipeline(
  `
  source:   { kind: websocket, url: "${recorded.url}", reconnect: false }
  channels: [temperature, humidity, light, co2]
  sinks:    [{ kind: websocket, port: ${await freePort(PORT)} }]
`,
  'office-room',
)
const progress = await runPipeline(pipeline, {
  signal: stop.signal,
  log: line => console.log(line),
  onEstimate: (estimate, state) => view.show(estimate, state),
})
view.close(progress)
recorded.close()

/** The recorded observations, to whoever connects, as fast as they are read. */
async function serveLog() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  server.on('connection', socket => void sendAll(socket))
  await once(server, 'listening')
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

async function sendAll(socket: WebSocket) {
  socket.on('error', () => {})
  for await (const line of createInterface(createReadStream(LOG)))
    await new Promise<void>(sent => socket.send(line, () => sent()))
  socket.close(1000)
}

/** This port, or any other when it is taken. */
async function freePort(port: number): Promise<number> {
  const probe = new WebSocketServer({ host: '127.0.0.1', port })
  try {
    await once(probe, 'listening')
    return port
  } catch {
    return 0
  } finally {
    probe.close()
  }
}
