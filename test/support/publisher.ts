import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { Learner } from '../../src/learn/learner.js'
import { forecastOf } from '../../src/operators/forecast.js'
import { Load } from '../../streams/load/load.js'
import type { PublisherOptions } from '../../streams/publisher/options.js'
import type { Service, ServiceStatus } from '../../streams/publisher/service.js'
import { websocketSink } from '../../streams/sinks/websocket.js'
import { type Clock, systemClock } from '../../streams/time/clock.js'
import { oscillation } from './observations.js'

/** A pipeline with one learned key, "k", of which the status can be set. */
export class OneKeyService implements Service {
  readonly learner = new Learner({ warmup: 2, window: 4 })
  readonly load = new Load()
  state: ServiceStatus = {
    connected: true,
    channels: ['x', 'v'],
    keys: 1,
    silent: 0,
    lastObservationAge: 0.5,
    health: { status: 'ok', reasons: [] },
    load: this.load.report,
    sinks: [],
    counters: { received: 12, estimates: 12, deadLetters: {} },
  }

  constructor() {
    for (const observation of oscillation(12)) this.learner.observe(observation)
  }

  status(): ServiceStatus {
    return { ...this.state, load: this.load.report }
  }

  forecast(key: string, horizon: number, points: number) {
    return key === 'k' ? forecastOf(this.learner, key, { horizon, points }) : undefined
  }
}

/** The machine's clock, which a test can set forward. */
export class AdvancingClock implements Clock {
  #ahead = 0

  now(): number {
    return systemClock.now() + this.#ahead
  }

  wall(): number {
    return systemClock.wall()
  }

  advance(milliseconds: number): void {
    this.#ahead += milliseconds
  }

  sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    return systemClock.sleep(milliseconds, signal)
  }
}

/** A publisher on a free port, gone after the test. */
export async function openPublisher(options: Partial<PublisherOptions> = {}, clock: Clock = systemClock) {
  const failures: Error[] = []
  const log: string[] = []
  const service = new OneKeyService()
  const sink = await websocketSink(
    { port: 0, ...options },
    { service, clock, failed: error => failures.push(error), log: line => log.push(line) },
  )
  onTestFinished(() => sink.close())
  const port = Number(new URL(sink.url).port)
  const write = (line: string, key = 'k') => sink.write(line, { kind: 'estimate', key })
  return { sink, failures, log, service, port, write }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Asks for a WebSocket with these headers. 101 is an upgrade; the connection is given up then. */
export async function upgrade(port: number, headers: Record<string, string> = {}, path = '/'): Promise<Answer> {
  const asked = request({
    host: '127.0.0.1',
    port,
    path,
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    },
  })
  asked.end()
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.on('error', reject).on('response', resolve)
    asked.on('upgrade', (response, socket) => {
      socket.on('error', () => {}).destroy()
      resolve(response)
    })
  })
  const { statusCode: status = 0, headers: got } = answer
  return { status, headers: got, body: status === 101 ? '' : await text(answer) }
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts).toString()
}

/** A connection on which a test says what it likes, to the byte. */
export async function rawConnection(port: number): Promise<Socket & { heard: () => string; ended: Promise<unknown> }> {
  const socket = connect(port, '127.0.0.1')
  let heard = ''
  socket.setEncoding('latin1').on('data', part => {
    heard += part
  })
  socket.on('error', () => {})
  onTestFinished(() => {
    socket.destroy()
  })
  await once(socket, 'connect')
  return Object.assign(socket, { heard: () => heard, ended: new Promise(resolve => socket.once('close', resolve)) })
}

/** What a server answers to these bytes before it hangs up. */
export async function say(port: number, bytes: string | Buffer): Promise<string> {
  const socket = await rawConnection(port)
  socket.write(bytes)
  await socket.ended
  return socket.heard()
}
