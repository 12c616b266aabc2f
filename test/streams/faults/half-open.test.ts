import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { websocketFeed } from '../../../streams/feeds/websocket/websocket.js'
import { deadPeers } from '../../support/breaking-feeds.js'
import { feedContext, outline, watchFeed } from '../../support/feeds.js'
import { startServer } from '../../support/sockets.js'

/** Seconds between pings. */
const HEARTBEAT = 0.25

describe('F02: a connection that is half open', () => {
  it('is given up within two heartbeats, 50 times, and connected again', async () => {
    const seconds = await deadPeers({ runs: 50, heartbeat: HEARTBEAT })
    expect(Math.min(...seconds)).toBeGreaterThan(HEARTBEAT)
    // A second more for a busy machine; the soak demands 2 H + 1 s.
    expect(Math.max(...seconds)).toBeLessThan(2 * HEARTBEAT + 1 + 1)
  })

  it('is none while we do not read it ourselves: what was sent meanwhile comes afterwards', async () => {
    const { url, server } = await startServer(socket => {
      for (let n = 1; n <= 20; n++) socket.send(`{"t":${n},"y":[1]}`)
    })
    const context = feedContext()
    const watch = watchFeed(websocketFeed({ url, heartbeat: 0.05 }, context), (_, count) => {
      if (count === 10) context.valve.hold(context)
    })
    await watch.has(10)
    const begin = performance.now()
    while (performance.now() - begin < 300) await new Promise(resolve => setImmediate(resolve))
    context.valve.release(context)
    await watch.has(20)
    watch.unsubscribe()
    expect(outline(watch.values)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    expect([server.clients.size, context.logs.filter(line => line.includes('ping'))]).toEqual([1, []])
  })
  it('is none when our own process stood still while the answer came', async () => {
    const url = await serverInAThread()
    const context = feedContext()
    let beats = 0
    const ping = WebSocket.prototype.ping
    vi.spyOn(WebSocket.prototype, 'ping').mockImplementation(function (this: WebSocket) {
      ping.call(this)
      beats++
      setImmediate(() => busy(80))
    })
    onTestFinished(() => {
      vi.restoreAllMocks()
    })
    const watch = watchFeed(websocketFeed({ url, heartbeat: 0.05 }, context))
    while (beats < 4) await new Promise(resolve => setImmediate(resolve))
    watch.unsubscribe()
    expect(context.logs).toEqual([expect.stringContaining('connected')])
  })
})

/** Keeps this thread from doing anything else for so many milliseconds. */
function busy(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}

/** A sound server that answers while this thread is busy. */
async function serverInAThread(): Promise<string> {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads')
    const { WebSocketServer } = require('ws')
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    server.on('listening', () => parentPort.postMessage(server.address().port))`,
    { eval: true },
  )
  onTestFinished(async () => {
    await worker.terminate()
  })
  const [port] = await once(worker, 'message')
  return `ws://127.0.0.1:${port}`
}
