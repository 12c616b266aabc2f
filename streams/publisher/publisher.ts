import type { IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type SecureContextOptions, Server as TlsServer } from 'node:tls'
import { type WebSocket, WebSocketServer } from 'ws'
import { TOKEN_SCOPES, type TokenScope } from '../../src/names.js'
import type { LoadGauge } from '../load/load.js'
import type { Topic } from '../sinks/sink.js'
import type { Clock } from '../time/clock.js'
import { limitAccepts } from './admission/accept-limit.js'
import type { Certificate } from './admission/certificate.js'
import { type Admission, Gate } from './admission/gate.js'
import { PROTOCOL } from './admission/presented-token.js'
import { ACCEPTS, FORECAST_POINTS, RateLimit, SECURE_ACCEPTS } from './admission/rate-limit.js'
import { type Refusal, refuse } from './admission/refusal.js'
import type { Tokens } from './admission/tokens.js'
import { answerHttp } from './answers.js'
import { limitedHttpServer } from './http-server.js'
import { closeListener, listen } from './listener.js'
import type { PublisherSettings } from './options.js'
import type { Service } from './service.js'
import { Conversation } from './subscribers/conversation.js'
import { Hub, MOST_TOPICS } from './subscribers/hub.js'
import { Member, type Patience } from './subscribers/member.js'
import { Subscriber } from './subscribers/subscriber.js'

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
const EVERYTHING: ReadonlySet<TokenScope> = new Set(TOKEN_SCOPES)
const NOTHING: ReadonlySet<TokenScope> = new Set()
const CHECK_EVERY = 500
const TOKEN_PATIENCE = 5000
const FAREWELL_PATIENCE = 1000

/** Serves estimates to subscribers over WebSocket, and health, readiness and counters over HTTP, on one port. */
export class Publisher {
  readonly hub: Hub
  /** Subscribers sent away because they did not read. */
  evicted = 0
  /** Connections that were not even heard: they came faster than the rate, or were more than may be open. */
  reset = 0
  readonly #settings: PublisherSettings
  readonly #context: PublisherContext
  readonly #gate: Gate
  readonly #http
  readonly #sockets: WebSocketServer
  readonly #members = new Map<WebSocket, Member>()
  readonly #forecasts: RateLimit
  readonly #gauge: LoadGauge
  readonly #patience: Patience
  #conflatedBefore = 0
  #timer: NodeJS.Timeout | undefined

  constructor(settings: PublisherSettings, context: PublisherContext) {
    const { service, clock, tokens, failed, secure } = context
    this.#settings = settings
    this.#context = context
    const { load } = service
    this.hub = new Hub(() => load.sheds('conflate'))
    this.#gauge = load.gauge('subscribers', 'conflate')
    this.#gate = new Gate(settings, tokens, clock, () => load.sheds('refuse-subscribers'))
    this.#forecasts = new RateLimit(FORECAST_POINTS, clock.now())
    this.#patience = {
      stalled: settings.patience * 1000,
      heartbeat: settings.heartbeat * 1000,
      token: TOKEN_PATIENCE,
      farewell: FAREWELL_PATIENCE,
    }
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
    this.#timer = setInterval(() => this.#check(), CHECK_EVERY)
    this.#timer.unref()
  }

  /** Where subscribers connect. */
  get url(): string {
    const { host } = this.#settings
    const { port } = this.#http.address() as AddressInfo
    return `${this.#context.secure ? 'wss' : 'ws'}://${host.includes(':') ? `[${host}]` : host}:${port}`
  }

  get subscribers(): number {
    return this.#members.size
  }

  /** Messages that were replaced by newer ones before a slow subscriber could take them. */
  get conflated(): number {
    let sum = this.#conflatedBefore + this.hub.conflated
    for (const { subscriber } of this.#members.values()) sum += subscriber.conflated
    return sum
  }

  /** Messages that a subscriber did not get: it was behind, or there was too much to do. */
  get dropped(): number {
    return this.conflated
  }

  /** Bytes that wait for subscribers in this process. */
  get waiting(): number {
    let sum = 0
    for (const { subscriber } of this.#members.values()) sum += subscriber.buffered
    return sum
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
    this.hub.flush()
    for (const { subscriber } of this.#members.values()) subscriber.bid('ended')
    await closeListener(this.#http, () => {
      for (const { subscriber } of this.#members.values()) subscriber.terminate()
    })
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
      this.#welcome(socket, wire, admission)
    })
  }

  #welcome(socket: WebSocket, wire: Socket, admission: Admission): void {
    const { clock, service } = this.#context
    const subscriber = new Subscriber(socket, wire, { maxBuffered: this.#settings.maxBuffered, maxTopics: MOST_TOPICS })
    const member = new Member(subscriber, admission, this.#patience, clock.now())
    member.scopes = this.#scopesOf(member)
    this.#members.set(socket, member)
    const conversation = new Conversation(subscriber, !admission.owesToken, {
      hub: this.hub,
      service,
      clock,
      forecasts: this.#forecasts,
      present: token => this.#present(member, token),
      scopes: () => this.#scopesOf(member),
    })
    // Without a listener an error of one subscriber would end the process; 'close' follows it.
    socket.on('error', () => {})
    socket.on('pong', () => member.heard())
    socket.on('message', (data, isBinary) => {
      member.heard()
      conversation.receive(data, isBinary)
    })
    socket.on('close', () => this.#forget(socket, member))
    wire.setNoDelay(true)
    if (admission.speaksProtocol) conversation.greet()
    else if (this.#scopesOf(member).has('subscribe')) subscriber.listen(this.hub.select())
    this.hub.subscribers.add(subscriber)
  }

  #present(member: Member, token: string): boolean {
    const digest = this.#context.tokens?.recognise(token)
    if (digest === undefined) return this.#context.tokens === undefined
    member.token = digest
    member.scopes = this.#scopesOf(member)
    if (member.owesToken) this.#gate.settled()
    member.owesToken = false
    return true
  }

  #forget(socket: WebSocket, { subscriber, owesToken }: Member): void {
    this.#members.delete(socket)
    this.hub.subscribers.delete(subscriber)
    this.#conflatedBefore += subscriber.conflated
    if (owesToken) this.#gate.settled()
  }

  #check(): void {
    const now = this.#context.clock.now()
    for (const member of this.#members.values()) if (member.check(now)) this.evicted++
    this.#relieve(now)
    void this.#checkTokens()
    void this.#renewCertificate()
  }

  /** When too much waits for all together, those with the most have to go. */
  #relieve(now: number): void {
    const { waiting } = this
    this.#gauge.fill(waiting / this.#settings.maxBufferedTotal)
    let excess = waiting - this.#settings.maxBufferedTotal
    if (excess <= 0) return
    const largest = [...this.#members.values()].sort((a, b) => b.subscriber.buffered - a.subscriber.buffered)
    for (const member of largest) {
      if (excess <= 0) return
      excess -= member.subscriber.buffered
      member.leave('tooMuch', now)
      this.evicted++
    }
  }

  /** Whose token has gone, or allows something else now, has to come again. */
  async #checkTokens(): Promise<void> {
    const { tokens, log, clock } = this.#context
    if (tokens === undefined) return
    const { changed, problems } = await tokens.refresh()
    for (const { message } of problems) log(message)
    if (!changed) return
    for (const member of this.#members.values())
      if (member.token && !isSame(member.scopes, tokens.scopesOf(member.token))) member.leave('tokenGone', clock.now())
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

  #scopesOf({ token }: Member): ReadonlySet<TokenScope> {
    const { tokens } = this.#context
    if (tokens === undefined) return EVERYTHING
    return token === undefined ? NOTHING : tokens.scopesOf(token)
  }
}

/** Never the client's first offer, which may be its token. */
function chooseProtocol(offers: Set<string>): string | false {
  return offers.has(PROTOCOL) && PROTOCOL
}

function isSame(a: ReadonlySet<TokenScope>, b: ReadonlySet<TokenScope>): boolean {
  return a.size === b.size && [...a].every(scope => b.has(scope))
}
