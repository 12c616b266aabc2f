import type { IncomingMessage } from 'node:http'
import type { TokenScope } from '../../../src/names.js'
import type { Clock } from '../../time/clock.js'
import type { PublisherSettings } from '../options.js'
import { clientAddress } from './client-address.js'
import { isOwnHost } from './host-name.js'
import { presentedBy } from './presented-token.js'
import { RateLimit } from './rate-limit.js'
import type { Refusal } from './refusal.js'
import type { TokenDigest } from './token-place.js'
import type { Tokens } from './tokens.js'

/** Who may come in, and as what. */
export interface Admission {
  readonly address: string
  /** The token it came with; undefined while it still owes one, or when none is needed. */
  readonly token: TokenDigest | undefined
  /** It has to show a token in its first message. */
  readonly owesToken: boolean
  readonly speaksProtocol: boolean
}

/** Connects in the long run and at once; a flood is answered cheaply and cannot starve those who are in. */
const CONNECTS = { perSecond: 500, burst: 2500 }
/** Who is in without having shown a token yet. */
const MOST_OWING = 64

/** Decides, before anything is upgraded, who gets in: Host, Origin, token, numbers and rates, in this order. */
export class Gate {
  /** Refused so far, by status. */
  readonly refused = new Map<number, number>()
  readonly #settings: PublisherSettings
  readonly #tokens: Tokens | undefined
  readonly #clock: Clock
  readonly #busy: () => boolean
  readonly #hosts: ReadonlySet<string>
  readonly #origins: ReadonlySet<string>
  readonly #proxies: ReadonlySet<string>
  readonly #connects: RateLimit
  readonly #byAddress = new Map<string, number>()
  #inside = 0
  #owing = 0

  /** @param busy Is there so much to do that nobody new is let in? */
  constructor(
    settings: PublisherSettings,
    tokens: Tokens | undefined,
    clock: Clock,
    busy: () => boolean = () => false,
  ) {
    this.#busy = busy
    this.#settings = settings
    this.#tokens = tokens
    this.#clock = clock
    this.#hosts = new Set([...settings.hosts, settings.host].map(host => host.toLowerCase()))
    this.#origins = new Set(settings.origins)
    this.#proxies = new Set(settings.proxies)
    this.#connects = new RateLimit(CONNECTS, clock.now())
  }

  /** Is the Host header one of ours? Asked of every request. */
  checkHost(request: IncomingMessage): Refusal | undefined {
    if (isOwnHost(request.headers.host, this.#hosts)) return undefined
    return this.#refused(403, 'This Host is not served here. List it in hosts of the websocket sink.')
  }

  /** May a request read what is for operators? Refuses nothing. */
  isForOperators(request: IncomingMessage): boolean {
    if (this.#tokens === undefined) return true
    const { token } = presentedBy(request.headers)
    const digest = token === undefined ? undefined : this.#tokens.recognise(token)
    return digest !== undefined && this.#tokens.scopesOf(digest).has('metrics')
  }

  /** Why a request may not read the counters; undefined when it may. */
  checkMetrics(request: IncomingMessage): Refusal | undefined {
    if (this.#tokens === undefined) return undefined
    const { token } = presentedBy(request.headers)
    const digest = token === undefined ? undefined : this.#tokens.recognise(token)
    if (digest === undefined) return this.#refused(401, 'A token is needed: "Authorization: Bearer …".')
    if (this.#tokens.scopesOf(digest).has('metrics')) return undefined
    return this.#refused(403, 'This token is not for the counters; its scopes lack "metrics".')
  }

  /** Counts who gets in; `leave` must be called when it has gone. */
  admit(request: IncomingMessage): Admission | Refusal {
    const address = clientAddress(request, this.#proxies)
    if (!this.#connects.take(this.#clock.now()))
      return this.#refused(503, 'Too many connects at once. Try again later.')
    if (this.#busy()) return this.#refused(503, 'There is more to do than can be done. Try again later.')
    const refusal = this.checkHost(request) ?? this.#checkOrigin(request) ?? this.#checkNumbers(address)
    if (refusal) return refusal
    const { token, speaksProtocol } = presentedBy(request.headers)
    const digest = token === undefined ? undefined : this.#tokens?.recognise(token)
    const owesToken = this.#tokens !== undefined && digest === undefined
    // The protocol has room for a token in the first message; a wrong one is wrong at once.
    if (owesToken && (token !== undefined || !speaksProtocol || this.#owing >= MOST_OWING))
      return this.#refused(401, 'A token is needed: "Authorization: Bearer …", or the sub-protocol token.BASE64URL.')
    if (digest !== undefined && isOnlyForMetrics(this.#tokens!.scopesOf(digest)))
      return this.#refused(403, 'This token is for /metrics only; its scopes lack "subscribe" and "forecast".')
    this.#inside++
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1)
    if (owesToken) this.#owing++
    return { address, token: digest, owesToken, speaksProtocol }
  }

  /** Someone who owed a token has shown it, or is gone. */
  settled(): void {
    this.#owing--
  }

  leave(address: string): void {
    this.#inside--
    const rest = this.#byAddress.get(address)! - 1
    if (rest > 0) this.#byAddress.set(address, rest)
    else this.#byAddress.delete(address)
  }

  /** Programs send no Origin; browsers always do, and then it must be listed to the letter. */
  #checkOrigin({ headers }: IncomingMessage): Refusal | undefined {
    const origin = headers.origin
    if (origin === undefined || this.#origins.has(origin)) return undefined
    return this.#refused(403, 'Pages of this Origin may not connect. List it in origins of the websocket sink.')
  }

  #checkNumbers(address: string): Refusal | undefined {
    const { maxSubscribers, maxPerAddress } = this.#settings
    if (this.#inside >= maxSubscribers) return this.#refused(503, 'All places are taken. Try again later.')
    if ((this.#byAddress.get(address) ?? 0) < maxPerAddress) return undefined
    return this.#refused(429, 'Too many connections from this address.')
  }

  #refused(status: Refusal['status'], sentence: string): Refusal {
    this.refused.set(status, (this.refused.get(status) ?? 0) + 1)
    return { status, sentence }
  }
}

function isOnlyForMetrics(scopes: ReadonlySet<TokenScope>): boolean {
  return !scopes.has('subscribe') && !scopes.has('forecast')
}
