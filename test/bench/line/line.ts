import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { WebSocket } from 'ws'
import { nanoseconds } from './clock.js'
import type { Pace, SenderReport, SendOrder } from './messages.js'

const COMMAND = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url))
/** Messages of one line. */
const MOST = 100_000

/** What a stretch of messages took. */
export interface Stretch {
  /** When each message was sent, and when its estimate had come back, milliseconds from the first sending. */
  readonly sent: Float64Array
  readonly back: Float64Array
  /** How often the sender was kept from sending in time. */
  readonly late: number
}

/** `contraflow run` in a process of its own; its source is a thread of this process, its subscriber is this thread. */
export class Line {
  readonly #sender: Worker
  readonly #received = new Int32Array(new SharedArrayBuffer(4))
  readonly #sentAt = new Float64Array(new SharedArrayBuffer(8 * MOST))
  readonly #backAt = new Float64Array(MOST)
  #count = 0
  #sent = 0
  #enough: { readonly count: number; readonly resolve: () => void } | undefined

  private constructor() {
    const workerData = { received: this.#received, sentAt: this.#sentAt }
    this.#sender = new Worker(new URL('./sender-thread.js', import.meta.url), { workerData })
  }

  /** @param pipeline The pipeline file, but for its source and sinks. */
  static async with<T>(pipeline: object, use: (line: Line) => Promise<T>): Promise<T> {
    const folder = mkdtempSync(join(tmpdir(), 'contraflow-bench-'))
    const line = new Line()
    const { port } = await line.#report('listening')
    const file = join(folder, 'contraflow.json')
    const sink = { kind: 'websocket', port: await freePort() }
    const source = { kind: 'websocket', url: `ws://127.0.0.1:${port}` }
    writeFileSync(file, JSON.stringify({ source, sinks: [sink], ...pipeline }))
    const connected = line.#report('connected')
    const args = [COMMAND, 'run', '-q', '-c', file]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] })
    const exit = once(child, 'exit')
    try {
      await connected
      const subscriber = new WebSocket(`ws://127.0.0.1:${sink.port}`)
      subscriber.on('message', (data: Buffer) => line.#hear(data))
      await once(subscriber, 'open')
      return await use(line)
    } finally {
      child.kill('SIGTERM')
      await exit
      await line.#sender.terminate()
      rmSync(folder, { recursive: true })
    }
  }

  /** Sends all of them, and waits for as many estimates. */
  async send(messages: readonly string[], pace: Pace): Promise<Stretch> {
    const first = this.#sent
    const end = first + messages.length
    this.#sent = end
    const done = this.#report('sent')
    const back = new Promise<void>(resolve => {
      this.#enough = { count: end, resolve }
    })
    this.#sender.postMessage({ first, messages, pace } satisfies SendOrder)
    const { late } = await done
    await back
    const start = this.#sentAt[first]!
    const since = (at: number) => (at - start) / 1e6
    return { sent: this.#sentAt.slice(first, end).map(since), back: this.#backAt.slice(first, end).map(since), late }
  }

  #hear(data: Buffer): void {
    // The hello and other messages are not estimates.
    if (!data.includes('"predicted"')) return
    this.#backAt[this.#count++] = nanoseconds()
    Atomics.store(this.#received, 0, this.#count)
    Atomics.notify(this.#received, 0)
    if (this.#count === this.#enough?.count) this.#enough.resolve()
  }

  #report<K extends SenderReport['kind']>(kind: K): Promise<SenderReport & { readonly kind: K }> {
    return new Promise((resolve, reject) => {
      const listen = (report: SenderReport) => {
        if (report.kind !== kind) return
        this.#sender.off('message', listen)
        resolve(report as SenderReport & { readonly kind: K })
      }
      this.#sender.on('message', listen)
      this.#sender.once('error', reject)
    })
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  await new Promise(resolve => probe.close(resolve))
  return port
}
