import { map, Observable, type Subscriber } from 'rxjs'
import { ContraflowError } from '../../../src/errors.js'
import { type Delivery, type Feed, type FeedContext, isDeadLetter } from '../feed.js'
import { connectionAdvice } from './connection-advice.js'
import { FrameQueue } from './frame-queue.js'
import { FrameReader } from './frame-reader.js'
import { Secrets } from './secrets.js'
import { SequenceTracker, withSequence } from './sequence-tracker.js'
import { WebSocketConnection } from './websocket-connection.js'
import { type WebSocketFeedOptions, withoutSecrets } from './websocket-options.js'

/** Longest wait before the first reconnect, and before any, in milliseconds. */
const BACKOFF = { base: 500, cap: 30_000 }

/**
 * A WebSocket client. It connects again for ever, after a random wait whose bound doubles up to half a minute ("full jitter"),
 * gives up connections that are silent to pings, and stops reading the socket while the valve is closed.
 * @remarks Ends in FEED_GAVE_UP when it may not connect again, in SECRET_MISSING or FILE_UNREADABLE when what it needs is not there.
 */
export function websocketFeed(options: WebSocketFeedOptions, context: FeedContext): Feed {
  const secrets = new Secrets()
  return new Observable<Delivery>(subscriber => {
    const client = new Client(options, context, secrets, subscriber)
    client.connect()
    return () => client.stop()
  }).pipe(map(delivery => (secrets.used ? redacted(delivery, secrets) : delivery)))
}

/** Messages in a row that cannot be used, and the code of the close that follows. */
const [REJECT_BUDGET, POLICY_VIOLATION] = [1000, 1008]

/** Milliseconds that what has come has to be passed on when the run is stopped. */
const GRACE = 2000

class Client {
  readonly #options: WebSocketFeedOptions
  readonly #context: FeedContext
  readonly #secrets: Secrets
  readonly #subscriber: Subscriber<Delivery>
  readonly #reader: FrameReader
  readonly #queue: FrameQueue
  readonly #sequences: SequenceTracker | undefined
  readonly #stopped = new AbortController()
  readonly #place: string
  #connection: WebSocketConnection | undefined
  #messages: number
  /** More has come than can be used soon. */
  #full = false
  /** Somebody waits for the decoder or the valve. */
  #held = false
  /** Connects since the last message. */
  #attempts = 0
  /** Has there ever been a connection? And what was advised last, as long as there has not. */
  #wasOpen = false
  #advice: string | undefined
  /** Messages in a row that could not be used, and connections that were ended because of them since the last good one. */
  #rejects = 0
  #refused = 0

  constructor(options: WebSocketFeedOptions, context: FeedContext, secrets: Secrets, subscriber: Subscriber<Delivery>) {
    this.#options = options
    this.#context = context
    this.#secrets = secrets
    this.#subscriber = subscriber
    this.#messages = context.from?.message ?? 0
    this.#reader = new FrameReader(context, { next: delivery => this.#deliver(delivery) })
    this.#queue = new FrameQueue({
      clock: context.clock,
      take: frame => this.#take(frame),
      ready: () => this.#isReady(),
      full: now => {
        this.#full = now
        this.#breathe()
      },
    })
    this.#place = withoutSecrets(options.url)
    const gap = (from: number, to: number) => {
      context.missing?.(to - from - 1)
      this.#log(`${to - from - 1} messages are missing between ${from} and ${to}`)
    }
    context.onStop?.(() => this.#drain())
    this.#sequences = options.resume && new SequenceTracker(options.resume, context.from?.sequence, gap)
  }

  connect(): void {
    const last = this.#sequences?.last
    const { send, query } = this.#options.resume ?? {}
    const greeting = last !== undefined && send !== undefined ? [withSequence(send, last)] : []
    try {
      const url = new URL(this.#secrets.fill(this.#options.url))
      if (last !== undefined && query !== undefined) url.searchParams.set(query, String(last))
      this.#connection = new WebSocketConnection(url.href, this.#options, greeting, this.#secrets, {
        ready: () => this.#ready(url),
        received: frame => {
          this.#attempts = 0
          this.#queue.push(frame)
        },
        closed: (reason, clean) => this.#closed(reason, clean),
      })
    } catch (error) {
      this.#cannotConnect(error as Error)
    }
  }

  stop(): void {
    this.#stopped.abort()
    this.#connection?.stop()
    this.#queue.clear()
    this.#reader.leave()
  }

  /** Ends the connection and passes on what has come; sinks that take nothing are not waited for. */
  async #drain(): Promise<void> {
    this.#stopped.abort()
    this.#connection?.stop()
    const late = new AbortController()
    await Promise.race([this.#done(), this.#context.clock.sleep(GRACE, late.signal)])
    late.abort()
  }

  #ready(url: URL): void {
    this.#context.connected?.(true)
    this.#wasOpen = true
    // What came over the last connection may still be waiting.
    this.#breathe()
    this.#log('connected')
    if (url.protocol === 'ws:' && this.#secrets.used && !/^(localhost|127\..*|\[::1\])$/.test(url.hostname))
      this.#log('secrets go over this connection unencrypted; use wss://')
  }

  #take(frame: string): void {
    const message = ++this.#messages
    if (this.#sequences?.isRepeated(frame)) return
    const sequence = this.#sequences?.last
    const origin = { place: () => `${this.#place}, message ${message}`, arrival: this.#context.clock.wall() }
    this.#reader.take(frame, origin, { message, ...(sequence !== undefined && { sequence }) })
  }

  /** Whoever sends nothing that can be used is not listened to for ever. */
  #deliver(delivery: Delivery): void {
    this.#subscriber.next(delivery)
    if (!isDeadLetter(delivery.value)) {
      this.#rejects = 0
      this.#refused = 0
    } else if (++this.#rejects >= (this.#options.rejectBudget ?? REJECT_BUDGET)) {
      this.#connection?.refuse(POLICY_VIOLATION, `${this.#rejects} messages in a row could not be used`)
      // What comes behind is not wanted; a feed with numbers is asked for it again.
      this.#queue.clear()
      this.#rejects = 0
      this.#attempts = ++this.#refused
    }
  }

  /** Can the decoder and the sinks take more? If not, the queue is woken when they can. */
  #isReady(): boolean {
    const { valve } = this.#context
    if (valve.open && this.#reader.waiting === 0) return true
    if (this.#held) return false
    this.#held = true
    this.#breathe()
    this.#reader.idle().then(() =>
      valve.whenOpen(() => {
        this.#held = false
        this.#breathe()
        this.#queue.wake()
      }),
    )
    return false
  }

  /** Reads the socket, or lets the server wait. */
  #breathe(): void {
    const connection = this.#connection
    const pause = this.#full || (this.#held && !this.#context.valve.open)
    if (connection === undefined || connection.paused === pause) return
    if (pause) connection.pause()
    else connection.resume()
  }

  #closed(reason: string, clean: boolean): void {
    this.#context.connected?.(false)
    if (this.#options.reconnect ?? true) void this.#retry(reason)
    else
      this.#done().then(() => {
        if (clean) this.#subscriber.complete()
        else this.#subscriber.error(this.#gaveUp(reason))
      })
  }

  /** Resolves when all that came has been passed on. */
  async #done(): Promise<void> {
    await this.#queue.idle()
    await this.#reader.idle()
  }

  /** What is not there from the start is a mistake; what is not there any more may come back. */
  #cannotConnect(error: Error): void {
    const final = this.#connection === undefined || !(this.#options.reconnect ?? true)
    if (!final) void this.#retry(error.message)
    else this.#subscriber.error(error instanceof ContraflowError ? error : this.#gaveUp(error.message))
  }

  async #retry(reason: string): Promise<void> {
    const { clock, random } = this.#context
    const wait = random() * Math.min(BACKOFF.cap, BACKOFF.base * 2 ** this.#attempts++)
    this.#log(`${reason}; next try in ${(wait / 1000).toFixed(1)} s`)
    this.#advise(reason)
    await clock.sleep(wait, this.#stopped.signal)
    if (!this.#stopped.signal.aborted) this.connect()
  }

  /** Once, of a feed that has never been there: what was there will come back. */
  #advise(reason: string): void {
    const advice = this.#wasOpen ? undefined : connectionAdvice(reason)
    if (advice === undefined || advice === this.#advice) return
    this.#advice = advice
    this.#log(advice)
  }

  #log(line: string): void {
    this.#context.log(this.#secrets.redact(`${this.#place}: ${line}`))
  }

  #gaveUp(reason: string): ContraflowError {
    return new ContraflowError('FEED_GAVE_UP', { received: this.#secrets.redact(reason), place: this.#place })
  }
}

/** A server may send back what it was sent. */
function redacted(delivery: Delivery, secrets: Secrets): Delivery {
  const { value, position } = delivery
  if (!isDeadLetter(value)) return delivery
  const { received, message } = value
  return { value: { ...value, received: secrets.redact(received), message: secrets.redact(message) }, position }
}
