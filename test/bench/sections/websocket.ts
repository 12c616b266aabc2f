import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { WebSocket, WebSocketServer } from 'ws'
import type { Figure, Section } from '../section.js'
import { ADAM, KALMAN, vanDerPol } from '../streams.js'

const COMMAND = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url))
/** Observations before the clock starts: by then the engine has compiled what it needs. */
const WARM = 8000

/** `contraflow run` in a process of its own between two sockets of the benchmark's. */
export const websocket: Section = {
  name: 'websocket',
  title: 'From a WebSocket through `contraflow run` to a WebSocket',
  async run(): Promise<Figure[]> {
    const adam = { model: ADAM.model, solver: ADAM.solver, learn: { window: ADAM.window, optimizer: ADAM.optimizer } }
    const figures: Figure[] = []
    const sustained = await between(adam, line => sustain(line, 20_000))
    figures.push({ name: 'adam, window 32: sustained', value: sustained, unit: 'obs/s', atLeast: 4000 })
    const latencies = await between(adam, line => paced(line, 1000, 10_000))
    figures.push(...percentiles('adam, window 32', latencies))
    const kalman = await between({ learn: KALMAN }, line => sustain(line, 10_000))
    figures.push({ name: 'default pipeline: sustained', value: kalman, unit: 'obs/s' })
    return figures
  },
}

/** The two ends of a running pipeline. */
interface Line {
  send(index: number): void
  /** Estimates that have come back. */
  received(): number
  /** When each estimate came back, milliseconds. */
  readonly arrivals: Float64Array
  readonly source: WebSocket
}

async function between<T>(pipeline: object, use: (line: Line) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'contraflow-bench-'))
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const port = await freePort()
  const source = { kind: 'websocket', url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` }
  const file = join(folder, 'contraflow.json')
  writeFileSync(file, JSON.stringify({ source, sinks: [{ kind: 'websocket', port }], ...pipeline }))
  const child = spawn(process.execPath, [COMMAND, 'run', '-q', '-c', file], { stdio: ['ignore', 'inherit', 'inherit'] })
  const exit = once(child, 'exit')
  try {
    const [feed] = (await once(server, 'connection')) as [WebSocket]
    const sink = new WebSocket(`ws://127.0.0.1:${port}`)
    await once(sink, 'open')
    return await use(createLine(feed, sink))
  } finally {
    child.kill('SIGTERM')
    for (const client of server.clients) client.terminate()
    server.close()
    await exit
    rmSync(folder, { recursive: true })
  }
}

function createLine(source: WebSocket, sink: WebSocket): Line {
  const messages = vanDerPol(40_000).map(({ t, y }) => JSON.stringify({ t, y: Array.from(y) }))
  const arrivals = new Float64Array(messages.length)
  let count = 0
  sink.on('message', data => {
    // The hello and other messages are not estimates.
    if ((data as Buffer).includes('"predicted"')) arrivals[count++] = performance.now()
  })
  return { source, arrivals, received: () => count, send: index => source.send(messages[index]!) }
}

/** As fast as the pipeline takes them, never more than a few hundred ahead. @returns Observations a second. */
async function sustain(line: Line, count: number): Promise<number> {
  const total = WARM + count
  for (let sent = 0; sent < total; ) {
    if (sent - line.received() < AHEAD) line.send(sent++)
    else await setImmediate()
  }
  while (line.received() < total) await setImmediate()
  return (count / (line.arrivals[total - 1]! - line.arrivals[WARM - 1]!)) * 1000
}

const AHEAD = 256

/** One every 1/rate seconds. @returns Milliseconds from each send to the arrival of its estimate. */
async function paced(line: Line, rate: number, count: number): Promise<number[]> {
  const total = WARM + count
  const sent = new Float64Array(total)
  const start = performance.now()
  for (let i = 0; i < total; i++) {
    while (performance.now() < start + (i / rate) * 1000) await setImmediate()
    sent[i] = performance.now()
    line.send(i)
  }
  while (line.received() < total) await setImmediate()
  return Array.from({ length: count }, (_, i) => line.arrivals[WARM + i]! - sent[WARM + i]!)
}

function percentiles(name: string, latencies: number[]): Figure[] {
  const sorted = Float64Array.from(latencies).sort()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
  const figure = (label: string, share: number, bar: object = {}): Figure => {
    return { name: `${name} at 1000/s: ${label} from send to estimate`, value: at(share), unit: 'ms', ...bar }
  }
  return [figure('median', 0.5), figure('p99', 0.99, { atMost: 2 }), figure('p99.9', 0.999), figure('longest', 1)]
}

async function freePort(): Promise<number> {
  const probe = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  await new Promise(resolve => probe.close(resolve))
  return port
}
