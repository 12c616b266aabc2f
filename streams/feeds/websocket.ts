import { Observable, type Subscriber } from 'rxjs'
import { WebSocket } from 'ws'
import { ContraflowError } from '../../src/errors.js'
import type { Delivery, Feed, FeedContext } from './feed.js'
import { FrameReader } from './frame-reader.js'

/** Where to connect, what to say, and how patient to be. */
export interface WebSocketFeedOptions {
  readonly url: string
  /** Sent after every connect, in order: a text as it is, anything else as JSON. */
  readonly subscribe?: readonly unknown[]
  /** Connect again when the connection ends. Default true. */
  readonly reconnect?: boolean
  /** Seconds between pings; a connection that has shown no life until the next one is given up. Default 30. */
  readonly heartbeat?: number
  /** Seconds until a connection must be open. Default 10. */
  readonly handshakeTimeout?: number
  /** Bytes of the largest message. Default 1 MiB. */
  readonly maxPayload?: number
}

/** Longest wait before the first reconnect, and before any, in milliseconds. */
const BACKOFF = { base: 500, cap: 30_000 }

/** How long the server gets to answer a close, milliseconds; ws would give it half a minute. */
const FAREWELL = 1000

/** Closes that mean that everything has been sent: normal, going away, no code at all. */
const CLEAN_CLOSES: readonly number[] = [1000, 1001, 1005]

/**
 * A WebSocket client. It connects again for ever, after a random wait whose bound doubles up to half a minute ("full jitter"),
 * gives up connections that are silent to pings, and stops reading the socket while the valve is closed.
 */
export function websocketFeed(options: WebSocketFeedOptions, context: FeedContext): Feed {
  return new Observable(subscriber => {
    const client = new Client(options, context, subscriber)
    client.connect()
    return () => client.stop()
  })
}

class Client {
  readonly #options: WebSocketFeedOptions
  readonly #context: FeedContext
  readonly #subscriber: Subscriber<Delivery>
  readonly #reader: FrameReader
  readonly #stopped = new AbortController()
  #socket: WebSocket | undefined
  #heartbeat: NodeJS.Timeout | undefined
  #alive = false
  /** Messages so far, and connects since the last message. */
  #messages: number
  #attempts = 0
  #failure = ''

  constructor(options: WebSocketFeedOptions, context: FeedContext, subscriber: Subscriber<Delivery>) {
    this.#options = options
    this.#context = context
    this.#subscriber = subscriber
    this.#messages = context.from?.message ?? 0
    this.#reader = new FrameReader(context, subscriber)
  }

  connect(): void {
    const { url, handshakeTimeout = 10, maxPayload = 1 << 20 } = this.#options
    const socket = new WebSocket(url, {
      handshakeTimeout: handshakeTimeout * 1000,
      maxPayload,
      perMessageDeflate: false,
      followRedirects: false,
    })
    this.#socket = socket
    socket.on('open', () => this.#opened(socket))
    socket.on('message', (data: Buffer, isBinary: boolean) => this.#received(data, isBinary))
    socket.on('pong', () => {
      this.#alive = true
    })
    socket.on('error', error => {
      this.#failure = error.message
    })
    socket.on('close', code => this.#closed(code))
  }

  stop(): void {
    this.#stopped.abort()
    clearInterval(this.#heartbeat)
    const socket = this.#socket
    if (socket === undefined || socket.readyState === WebSocket.CLOSED) return
    // While it is paused nobody would hear the answer to a close.
    if (socket.readyState === WebSocket.CONNECTING || socket.isPaused) socket.terminate()
    else {
      const impatient = setTimeout(() => socket.terminate(), FAREWELL)
      socket.on('close', () => clearTimeout(impatient)).close(1000)
    }
  }

  #opened(socket: WebSocket): void {
    const { subscribe = [], heartbeat = 30, url } = this.#options
    this.#context.log(`connected to ${withoutSecrets(url)}`)
    for (const message of subscribe) socket.send(typeof message === 'string' ? message : JSON.stringify(message))
    this.#alive = true
    this.#heartbeat = setInterval(() => this.#beat(socket), heartbeat * 1000)
  }

  /** A paused socket cannot hear its pongs: that is our doing, not the peer's. */
  #beat(socket: WebSocket): void {
    if (!this.#alive && !socket.isPaused) {
      this.#failure = 'no answer to a ping'
      socket.terminate()
      return
    }
    this.#alive = false
    socket.ping()
  }

  #received(data: Buffer, isBinary: boolean): void {
    const { valve, clock } = this.#context
    this.#alive = true
    this.#attempts = 0
    const message = ++this.#messages
    const place = () => `${withoutSecrets(this.#options.url)}, message ${message}`
    // Bytes that are not text cannot be JSON either: they get the same dead letter.
    const frame = isBinary ? `a binary frame of ${data.length} bytes` : data.toString()
    this.#reader.take(frame, { place, arrival: clock.wall() }, { message })
    const socket = this.#socket
    if (socket === undefined || socket.isPaused) return
    if (this.#reader.waiting > 0) {
      socket.pause()
      this.#reader.idle().then(() => valve.whenOpen(() => socket.resume()))
    } else if (!valve.open) {
      socket.pause()
      valve.whenOpen(() => socket.resume())
    }
  }

  #closed(code: number): void {
    clearInterval(this.#heartbeat)
    if (this.#stopped.signal.aborted) return
    if (this.#options.reconnect ?? true) this.#retry(code)
    else if (this.#failure === '' && CLEAN_CLOSES.includes(code)) this.#subscriber.complete()
    else {
      const received = this.#failure || `closed with ${code}`
      this.#subscriber.error(
        new ContraflowError('FEED_GAVE_UP', { received, place: withoutSecrets(this.#options.url) }),
      )
    }
  }

  async #retry(code: number): Promise<void> {
    const { clock, random, log } = this.#context
    const wait = random() * Math.min(BACKOFF.cap, BACKOFF.base * 2 ** this.#attempts++)
    const reason = this.#failure || `closed with ${code}`
    this.#failure = ''
    log(`${withoutSecrets(this.#options.url)}: ${reason}; next try in ${(wait / 1000).toFixed(1)} s`)
    await clock.sleep(wait, this.#stopped.signal)
    if (!this.#stopped.signal.aborted) this.connect()
  }
}

/** An address without user, password and query, which may carry tokens. */
function withoutSecrets(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}
