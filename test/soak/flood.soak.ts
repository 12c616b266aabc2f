import { readdirSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startContraflow } from '../support/cli.js'
import { quantile } from '../support/serving.js'
import { startServer, TestClient } from '../support/sockets.js'
import { temporaryDirectory } from '../support/temporary.js'

const SECONDS = Number(process.env.SECONDS ?? 10)
const RATE = Number(process.env.RATE ?? 5000)
const [INSIDE, PLACES] = [20, 200]

/** Asks for a WebSocket and never reads or closes. */
function flood(port: number, open: Set<Socket>, statuses: Map<string, number>): void {
  const socket = connect(port, '127.0.0.1')
  open.add(socket)
  socket.setEncoding('latin1')
  socket.on('error', () => statuses.set('error', (statuses.get('error') ?? 0) + 1))
  socket.once('data', (text: string) => {
    const status = /^HTTP\/1.1 (\d+)/.exec(text)?.[1] ?? 'none'
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  })
  let answered = false
  socket.once('data', () => {
    answered = true
  })
  socket.once('close', () => {
    open.delete(socket)
    if (!answered) statuses.set('closed at once', (statuses.get('closed at once') ?? 0) + 1)
  })
  const head = [
    'GET / HTTP/1.1',
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
  ]
  socket.write(`${[...head, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='].join('\r\n')}\r\n\r\n`)
}

describe('F33: a flood of connects', () => {
  it(`${RATE} a second for ${SECONDS} s: no more places are taken than there are, those inside are served as before, nothing stays open`, async () => {
    const cwd = temporaryDirectory()
    const feed = await startServer()
    const sinks = [{ kind: 'websocket', port: 0, maxSubscribers: PLACES }]
    writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify({ source: { kind: 'websocket', url: feed.url }, sinks }))
    const run = startContraflow(['run'], { cwd })
    await run.says('stderr', /estimates on (\S+)/)
    const url = /estimates on (\S+)/.exec(run.stderr)![1]!
    const port = Number(new URL(url).port)
    const source = await feed.connection()
    const inside = await Promise.all(Array.from({ length: INSIDE }, () => TestClient.connect(url)))
    const now = () => (performance.timeOrigin + performance.now()) / 1000
    let delays: number[] = []
    for (const { socket } of inside)
      socket.on('message', (data: Buffer) => delays.push(now() - (JSON.parse(data.toString()) as { t: number }).t))
    const descriptors = () => readdirSync(`/proc/${run.process.pid}/fd`).length
    const p99 = () =>
      quantile(
        delays.sort((a, b) => a - b),
        0.99,
      )
    const serve = async (seconds: number, each: (elapsed: number) => void) => {
      delays = []
      const begin = performance.now()
      for (let n = 0; n < seconds * 50; n++) {
        source.send(`{"t":${now()},"y":[${n % 7}]}`)
        each((performance.now() - begin) / 1000)
        await delay(Math.max(0, begin + (n + 1) * 20 - performance.now()))
      }
      return p99()
    }
    const quiet = await serve(3, () => {})
    const before = descriptors()
    const open = new Set<Socket>()
    const statuses = new Map<string, number>()
    let [asked, most] = [0, 0]
    const flooded = await serve(SECONDS, elapsed => {
      for (; asked < Math.min(elapsed, SECONDS) * RATE && open.size < 10_000; asked++) flood(port, open, statuses)
      most = Math.max(most, descriptors())
    })
    for (const socket of open) socket.destroy()
    const ended = performance.now()
    while (descriptors() > before + 2 && performance.now() - ended < 10_000) await delay(50)
    const back = (performance.now() - ended) / 1000
    const after = await serve(2, () => {})
    console.log(
      [
        `${asked} connects asked for in ${SECONDS} s: ${JSON.stringify(Object.fromEntries(statuses))}`,
        `p99 of ${INSIDE} inside: ${[quiet, flooded, after].map(s => `${(1000 * s).toFixed(1)} ms`).join(', ')} before, during, after`,
        `descriptors: ${before} before, at most ${most}, as before after ${back.toFixed(2)} s`,
      ].join('\n'),
    )
    expect(statuses.get('101') ?? 0).toBeLessThanOrEqual(PLACES - INSIDE)
    const refused = (statuses.get('503') ?? 0) + (statuses.get('closed at once') ?? 0)
    expect(refused).toBeGreaterThan(0.9 * asked - PLACES)
    expect(back).toBeLessThanOrEqual(5)
    expect(after).toBeLessThan(Math.max(0.05, 3 * quiet))
    expect(run.process.exitCode).toBeNull()
  })
})
