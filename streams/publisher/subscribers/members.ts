import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { TOKEN_SCOPES, type TokenScope } from '../../../src/names.js'
import type { LoadGauge } from '../../load/load.js'
import type { Clock } from '../../time/clock.js'
import type { Admission, Gate } from '../admission/gate.js'
import { FORECAST_POINTS, RateLimit } from '../admission/rate-limit.js'
import type { Tokens } from '../admission/tokens.js'
import type { PublisherSettings } from '../options.js'
import type { Service } from '../service.js'
import { Conversation } from './conversation.js'
import { Hub, MOST_TOPICS } from './hub.js'
import { Member, type Patience } from './member.js'
import { Subscriber } from './subscriber.js'

/** Whom members ask, and who is told of them. */
export interface MembersContext {
  readonly service: Service
  readonly clock: Clock
  readonly gate: Gate
  readonly tokens: Tokens | undefined
  /** One line for the operator. */
  readonly log: (line: string) => void
}

const EVERYTHING: ReadonlySet<TokenScope> = new Set(TOKEN_SCOPES)
const NOTHING: ReadonlySet<TokenScope> = new Set()
const TOKEN_PATIENCE = 5000
const FAREWELL_PATIENCE = 1000

/** All subscribers who have been let in: what each may, what waits for them together, and who has to go. */
export class Members {
  readonly hub: Hub
  /** Sent away because they did not read. */
  evicted = 0
  readonly #context: MembersContext
  readonly #maxBuffered: number
  readonly #maxBufferedTotal: number
  readonly #patience: Patience
  readonly #gauge: LoadGauge
  readonly #forecasts: RateLimit
  readonly #members = new Map<WebSocket, Member>()
  #conflatedBefore = 0

  constructor(settings: PublisherSettings, context: MembersContext) {
    const { load } = context.service
    this.#context = context
    this.hub = new Hub(() => load.sheds('conflate'))
    this.#gauge = load.gauge('subscribers', 'conflate')
    this.#forecasts = new RateLimit(FORECAST_POINTS, context.clock.now())
    this.#maxBuffered = settings.maxBuffered
    this.#maxBufferedTotal = settings.maxBufferedTotal
    this.#patience = {
      stalled: settings.patience * 1000,
      heartbeat: settings.heartbeat * 1000,
      token: TOKEN_PATIENCE,
      farewell: FAREWELL_PATIENCE,
    }
  }

  get count(): number {
    return this.#members.size
  }

  /** Messages that were replaced by newer ones before a slow subscriber could take them. */
  get conflated(): number {
    let sum = this.#conflatedBefore + this.hub.conflated
    for (const { subscriber } of this.#members.values()) sum += subscriber.conflated
    return sum
  }

  /** Bytes that wait for them in this process. */
  get waiting(): number {
    let sum = 0
    for (const { subscriber } of this.#members.values()) sum += subscriber.buffered
    return sum
  }

  /** Takes in whoever has just connected. @param wire What lies under the socket. */
  welcome(socket: WebSocket, wire: Socket, admission: Admission): void {
    const { clock, service } = this.#context
    const subscriber = new Subscriber(socket, wire, { maxBuffered: this.#maxBuffered, maxTopics: MOST_TOPICS })
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

  /** Looks after all of them: call it twice a second. */
  check(): void {
    const now = this.#context.clock.now()
    for (const member of this.#members.values()) if (member.check(now)) this.evicted++
    this.#relieve(now)
    void this.#checkTokens()
  }

  /** Sends out what waits, and says goodbye. */
  bidFarewell(): void {
    this.hub.flush()
    for (const { subscriber } of this.#members.values()) subscriber.bid('ended')
  }

  /** Ends the connections of those who are still there. */
  terminate(): void {
    for (const { subscriber } of this.#members.values()) subscriber.terminate()
  }

  #present(member: Member, token: string): boolean {
    const { tokens, gate } = this.#context
    const digest = tokens?.recognise(token)
    if (digest === undefined) return tokens === undefined
    member.token = digest
    member.scopes = this.#scopesOf(member)
    if (member.owesToken) gate.settled()
    member.owesToken = false
    return true
  }

  #forget(socket: WebSocket, { subscriber, owesToken }: Member): void {
    this.#members.delete(socket)
    this.hub.subscribers.delete(subscriber)
    this.#conflatedBefore += subscriber.conflated
    if (owesToken) this.#context.gate.settled()
  }

  /** When too much waits for all together, those with the most have to go. */
  #relieve(now: number): void {
    const { waiting } = this
    this.#gauge.fill(waiting / this.#maxBufferedTotal)
    let excess = waiting - this.#maxBufferedTotal
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

  #scopesOf({ token }: Member): ReadonlySet<TokenScope> {
    const { tokens } = this.#context
    if (tokens === undefined) return EVERYTHING
    return token === undefined ? NOTHING : tokens.scopesOf(token)
  }
}

function isSame(a: ReadonlySet<TokenScope>, b: ReadonlySet<TokenScope>): boolean {
  return a.size === b.size && [...a].every(scope => b.has(scope))
}
