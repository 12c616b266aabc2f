import type { RawData } from 'ws'
import {
  parseSubscriberRequest,
  type RequestId,
  requestIdOf,
  type SubscriberRequest,
  type SubscriberRequests,
} from '../../../src/config/subscriber-request.js'
import { ContraflowError } from '../../../src/errors.js'
import type { TokenScope } from '../../../src/names.js'
import type { Clock } from '../../time/clock.js'
import { PROTOCOL } from '../admission/presented-token.js'
import { RateLimit } from '../admission/rate-limit.js'
import type { Service } from '../service.js'
import type { Hub } from './hub.js'
import type { Subscriber } from './subscriber.js'

/** Requests of one subscriber. */
const REQUESTS = { perSecond: 20, burst: 100 }
/** Requests beyond the rate that are answered with an error before the subscriber is sent away. */
const TOLERATED = 20

/** What a conversation needs of its surroundings. */
export interface ConversationContext {
  readonly hub: Hub
  readonly service: Service
  readonly clock: Clock
  /** Shared by all subscribers. */
  readonly forecasts: RateLimit
  /** Lets the subscriber in when the token is right. */
  readonly present: (token: string) => boolean
  /** What it may do now. */
  readonly scopes: () => ReadonlySet<TokenScope>
}

/**
 * Answers the requests of one subscriber (protocol.md). Whatever is wrong with one becomes an error message; only who does not stop
 * is sent away. Never throws on input.
 */
export class Conversation {
  readonly #subscriber: Subscriber
  readonly #context: ConversationContext
  readonly #requests: RateLimit
  #tolerated = TOLERATED
  #admitted: boolean

  constructor(subscriber: Subscriber, admitted: boolean, context: ConversationContext) {
    this.#subscriber = subscriber
    this.#context = context
    this.#admitted = admitted
    this.#requests = new RateLimit(REQUESTS, context.clock.now())
  }

  /** Says who we are. */
  greet(id?: RequestId): void {
    const { channels, keys } = this.#context.service.status()
    const scopes = [...this.#context.scopes()]
    this.#answer({ hello: { version: PROTOCOL, channels, keys, tokenNeeded: !this.#admitted, scopes } }, id)
  }

  receive(data: RawData, isBinary: boolean): void {
    if (!this.#subscriber.open) return
    if (isBinary) this.#subscriber.bid('binary')
    else if (this.#requests.take(this.#context.clock.now())) this.#take(data.toString())
    else if (this.#tolerated-- <= 0) this.#subscriber.bid('tooOften')
    else this.#fail(new ContraflowError('REQUEST_TOO_OFTEN', { received: 'one too many' }), data.toString())
  }

  #take(text: string): void {
    try {
      this.#serve(parseSubscriberRequest(text), text)
    } catch (error) {
      this.#fail(error, text)
    }
    this.#subscriber.holdRequests()
  }

  #serve(request: SubscriberRequest, text: string): void {
    if ('token' in request) this.#present(request.token, request.id)
    else if (!this.#admitted) throw new ContraflowError('TOKEN_WRONG', { received: 'a request before the token' })
    else if ('ping' in request) this.#answer({ pong: request.ping }, request.id)
    else if ('hello' in request) this.greet(request.id)
    else if ('subscribe' in request) this.#listen(request)
    else void this.#forecast(request, text)
  }

  #present(token: string, id: RequestId | undefined): void {
    if (!this.#context.present(token)) throw new ContraflowError('TOKEN_WRONG', { received: 'another token' })
    this.#admitted = true
    this.greet(id)
  }

  #listen({ subscribe, id }: SubscriberRequests['subscribe']): void {
    this.#need('subscribe')
    const selection = this.#context.hub.select(subscribe)
    const { keys, forecasts } = selection.filter
    const snapshot = selection.first.length
    this.#answer({ subscribed: { keys: keys ? [...keys] : null, forecasts, snapshot } }, id)
    this.#subscriber.listen(selection)
    if (subscribe.snapshot) this.#subscriber.append({ live: true })
  }

  async #forecast({ forecast, id }: SubscriberRequests['forecast'], text: string): Promise<void> {
    const { service, forecasts, clock } = this.#context
    const { key, horizon, points = 1 } = forecast
    try {
      this.#need('forecast')
      if (service.load.sheds('conflate'))
        throw new ContraflowError('REQUEST_TOO_OFTEN', {
          received: 'a forecast while there is more to do than can be done',
          remedy: 'Ask again in a few seconds.',
        })
      if (!forecasts.take(clock.now(), points))
        throw new ContraflowError('REQUEST_TOO_OFTEN', { received: 'too many points of forecasts' })
      const made = await service.forecast(key, horizon, points)
      if (made === undefined) throw new ContraflowError('KEY_UNKNOWN', { received: JSON.stringify(key) })
      this.#answer(made, id)
    } catch (error) {
      this.#fail(error, text)
    }
  }

  #need(scope: TokenScope): void {
    const scopes = this.#context.scopes()
    if (!scopes.has(scope))
      throw new ContraflowError('SCOPE_MISSING', { received: `one for ${[...scopes].join(', ')}, not for ${scope}` })
  }

  /** What should not have happened is told too, without its details. */
  #fail(error: unknown, text: string): void {
    const { code, message } =
      error instanceof ContraflowError ? error : { code: 'INTERNAL', message: 'INTERNAL: this request failed here.' }
    this.#answer({ error: { code, message } }, requestIdOf(text))
  }

  #answer(message: object, id: RequestId | undefined): void {
    this.#subscriber.reply(id === undefined ? message : { ...message, id })
  }
}
