import type { IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type SecureContextOptions, Server as TlsServer } from 'node:tls'
import { WebSocketServer } from 'ws'
import type { Topic } from '../sinks/sink.js'
import type { Clock } from '../time/clock.js'
import { limitAccepts } from './admission/accept-limit.js'
import type { Certificate } from './admission/certificate.js'
import { Gate } from './admission/gate.js'
import { PROTOCOL } from './admission/presented-token.js'
import { ACCEPTS, SECURE_ACCEPTS } from './admission/rate-limit.js'
import { type Refusal, refuse } from './admission/refusal.js'
import type { Tokens } from './admission/tokens.js'
import { answerHttp } from './answers.js'
import { limitedHttpServer } from './http-server.js'
import { closeListener, listen } from './listener.js'
import type { PublisherSettings } from './options.js'
import type { Service } from './service.js'
import type { Hub } from './subscribers/hub.js'
import { Members } from './subscribers/members.js'

/** What a publisher needs of the world. */
export interface PublisherContext {
  readonly service: Service
  readonly clock: Clock
  readonly tokens: Tokens | undefined
  /** Speak TLS, with `secure` to begin with. */
  readonly certificate?: Certificate | undefined
  readonly secure?: SecureContextOptions | undefined
  /** Called when the server fails for good. */
  readonly failed: (error: Error) => void
  /** One line for the operator. */
  readonly log: (line: string) => void
}

/** What a subscriber may send, and how ws treats it (FAULTS.md §4.1: the defaults are for friendly clients). */
const SOCKET_LIMITS = {
  maxPayload: 64 * 1024,
  maxFragments: 64,
  maxBufferedChunks: 4096,
  maxPendingAutoPongs: 8,
  perMessageDeflate: false,
  closeTimeout: 5000,
} as const
const NOT_HERE: Refusal = { status: 404, sentence: 'Estimates are at /.' }
const CHECK_EVERY = 500

/** Serves estimates to subscribers over WebSocket, and health, readiness and counters over HTTP, on one port. */
export class Publisher {
  /** Connections that were not even heard: they came faster than the rate, or were more than may be open. */
  reset = 0
  readonly #settings: PublisherSettings
  readonly #context: PublisherContext
  readonly #gate: Gate
  readonly #http
  readonly #sockets: WebSocketServer
  readonly #members: Members
  #timer: NodeJS.Timeout | undefined

  constructor(settings: PublisherSettings, context: PublisherContext) {
    const { service, clock, tokens, failed, secure } = context
    this.#settings = settings
    this.#context = context
    const { load } = service
    this.#gate = new Gate(settings, tokens, clock, () => load.sheds('refuse-subscribers'))
    this.#members = new Members(settings, { ...context, gate: this.#gate })
    const answers = answerHttp({ gate: this.#gate, service, maxAge: settings.maxAge, counters: () => this.counters })
    this.#http = limitedHttpServer(answers, { maxSubscribers: settings.maxSubscribers, secure })
    const rate = secure ? SECURE_ACCEPTS : ACCEPTS
    limitAccepts(
      this.#http,
      rate,
      () => clock.now(),
      () => this.reset++,
    )
    this.#sockets = new WebSocketServer({ noServer: true, ...SOCKET_LIMITS, handleProtocols: chooseProtocol })
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as Socket, head))
    // An error of the one or the other must not end the process.
    this.#sockets.on('error', failed)
  }

  /** @throws ContraflowError SINK_FAILED when the port cannot be had. */
  async open(): Promise<void> {
    await listen(this.#http, this.#settings)
    this.#http.on('error', this.#context.failed)
    this.#timer = setInterval(() => {
      this.#members.check()
      void this.#renewCertificate()
    }, CHECK_EVERY)
    this.#timer.unref()
  }

  /** Where subscribers connect. */
  get url(): string {
    const { host } = this.#settings
    const { port } = this.#http.address() as AddressInfo
    return `${this.#context.secure ? 'wss' : 'ws'}://${host.includes(':') ? `[${host}]` : host}:${port}`
  }

  /** What is published, and to whom. */
  get hub(): Hub {
    return this.#members.hub
  }

  get subscribers(): number {
    return this.#members.count
  }

  /** Sent away because they did not read. */
  get evicted(): number {
    return this.#members.evicted
  }

  /** Messages that were replaced by newer ones before a slow subscriber could take them. */
  get conflated(): number {
    return this.#members.conflated
  }

  /** Messages that a subscriber did not get: it was behind, or there was too much to do. */
  get dropped(): number {
    return this.conflated
  }

  /** Bytes that wait for subscribers in this process. */
  get waiting(): number {
    return this.#members.waiting
  }

  /** How it fares, for /metrics. */
  get counters(): object {
    const refused = Object.fromEntries(this.#gate.refused)
    const { subscribers, evicted, conflated, reset, waiting: buffered } = this
    return { published: this.hub.published, subscribers, evicted, conflated, refused, reset, buffered }
  }

  publish(line: string, topic: Topic): void {
    this.hub.publish(line, topic)
  }

  /** Sends out what waits, says goodbye, and lets go of the port within two seconds. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#members.bidFarewell()
    await closeListener(this.#http, () => this.#members.terminate())
    this.#sockets.close()
  }

  #upgrade(request: IncomingMessage, wire: Socket, head: Buffer): void {
    // Between here and ws nobody else listens for errors.
    const hangUp = () => wire.destroy()
    wire.on('error', hangUp)
    const path = (request.url ?? '').split('?', 1)[0]
    const admission = path === '/' ? this.#gate.admit(request) : NOT_HERE
    if ('status' in admission) {
      refuse(wire, admission)
      return
    }
    // Whatever happens to the connection, its place is free again.
    wire.once('close', () => this.#gate.leave(admission.address))
    this.#sockets.handleUpgrade(request, wire, head, socket => {
      wire.off('error', hangUp)
      this.#members.welcome(socket, wire, admission)
    })
  }

  /** New connections get the new certificate; one that cannot be used changes nothing. */
  async #renewCertificate(): Promise<void> {
    const { certificate, log } = this.#context
    try {
      const renewal = await certificate?.renewed()
      if (renewal === undefined || !(this.#http instanceof TlsServer)) return
      this.#http.setSecureContext(renewal.secure)
      log(renewal.doubt ?? 'new connections get the new certificate')
    } catch (error) {
      log((error as Error).message)
    }
  }
}

/** Never the client's first offer, which may be its token. */
function chooseProtocol(offers: Set<string>): string | false {
  return offers.has(PROTOCOL) && PROTOCOL
}
