import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { type ClientOptions, WebSocket } from 'ws'
import { unreadable } from '../../files/unreadable.js'
import { LONGEST_TIMER } from '../../time/clock.js'
import { closeReason } from './close-reason.js'
import { Dialogue } from './dialogue.js'
import type { Secrets } from './secrets.js'
import type { WebSocketFeedOptions } from './websocket-options.js'

/** Whom a connection tells what. */
export interface ConnectionListener {
  /** The connection is open, the dialogue is over, and what is to be subscribed has been. */
  ready(): void
  received(frame: string): void
  /** Once, last. A clean close says that everything has been sent. */
  closed(reason: string, clean: boolean): void
}

/** How long the server gets to answer a close, milliseconds. */
const FAREWELL = 1000

/** Closes that mean that everything has been sent: normal, going away, no code at all. */
const CLEAN_CLOSES: readonly number[] = [1000, 1001, 1005]

/** Answers to pings that may wait to be written: what a peer sends in one go while we are paused counts as well. */
const PENDING_PONGS = 8

/** What a peer may make us hold, beyond `maxPayload` and `maxFragments`. */
const LIMITS = { maxBufferedChunks: 4096, maxPendingAutoPongs: PENDING_PONGS, closeTimeout: FAREWELL }

/** Pings of the server between two of ours; a sound one sends one or two. */
const MOST_PINGS = 1000

const TOO_MANY_AT_ONCE = `more than ${PENDING_PONGS} pings at once: the server has to wait for the answer to a ping before it sends many more`

const DEFLATE = {
  threshold: 1024,
  concurrencyLimit: 10,
  clientNoContextTakeover: true,
  serverNoContextTakeover: true,
} as const

/** One connection to a server: opens it, says what has to be said, and watches whether it lives. */
export class WebSocketConnection {
  readonly #socket: WebSocket
  readonly #options: WebSocketFeedOptions
  readonly #secrets: Secrets
  readonly #listener: ConnectionListener
  readonly #dialogue: Dialogue
  readonly #timers: NodeJS.Timeout[] = []
  #alive = true
  /** Of the server, since ours. */
  #pings = 0
  #failure = ''

  /**
   * @param url With the secrets in it. @param greeting Sent after what the options subscribe.
   * @throws ContraflowError SECRET_MISSING, FILE_UNREADABLE; SyntaxError when a header or protocol cannot be sent.
   */
  constructor(
    url: string,
    options: WebSocketFeedOptions,
    greeting: readonly unknown[],
    secrets: Secrets,
    listener: ConnectionListener,
  ) {
    this.#options = options
    this.#secrets = secrets
    this.#listener = listener
    const { dialogue = [], subscribe = [] } = options
    const last = [...subscribe, ...greeting].map(send => ({ send }))
    this.#dialogue = new Dialogue([...dialogue, ...last], message => this.#send(message))
    this.#socket = this.#open(url)
  }

  get paused(): boolean {
    return this.#socket.isPaused
  }

  /** Takes nothing more from the socket, so that the server has to wait. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Ends the connection because of what the server sends, and says so; nothing more is taken from it. */
  refuse(code: number, reason: string): void {
    this.#failure ||= reason
    this.#socket.removeAllListeners('message').resume()
    this.#socket.close(code, reason)
  }

  /** Ends the connection; nobody is told. */
  stop(): void {
    const socket = this.#socket
    this.#clearTimers()
    socket.removeAllListeners('message').removeAllListeners('close').removeAllListeners('open')
    if (socket.readyState === WebSocket.CLOSED) return
    // While it is paused nobody would hear the answer to a close.
    if (socket.readyState === WebSocket.CONNECTING || socket.isPaused) socket.terminate()
    else socket.close(1000)
  }

  #open(url: string): WebSocket {
    const {
      protocols = [],
      handshakeTimeout = 10,
      maxPayload = 1 << 20,
      maxFragments = 64,
      compression,
    } = this.#options
    // The types of ws do not know all of them yet.
    const options: ClientOptions & typeof LIMITS = {
      ...LIMITS,
      headers: this.#secrets.fillAll(this.#options.headers ?? {}) as Record<string, string>,
      handshakeTimeout: handshakeTimeout * 1000,
      maxPayload,
      maxFragments,
      perMessageDeflate: compression ? DEFLATE : false,
      // All messages of a chunk in one turn: the listener takes them apart.
      allowSynchronousEvents: true,
      followRedirects: false,
      // Said aloud, because an environment variable could say otherwise.
      rejectUnauthorized: true,
      ...(this.#options.ca !== undefined && { ca: readCertificates(this.#options.ca) }),
    }
    const names = protocols.map(name => this.#secrets.fill(name))
    return new WebSocket(url, names, options)
      .on('open', () => this.#opened())
      .on('message', (data: Buffer, isBinary: boolean) => this.#received(data, isBinary))
      .on('pong', () => {
        this.#alive = true
      })
      .on('ping', () => {
        // ws has ended the connection before it tells of the ping that was too much, and gives no reason.
        if (this.#socket.readyState === WebSocket.CLOSING) this.#failure ||= TOO_MANY_AT_ONCE
        else if (++this.#pings > MOST_PINGS) this.#giveUp('a flood of pings')
      })
      .on('error', error => {
        this.#failure ||= error.message
      })
      .on('close', (code, reason) => {
        this.#clearTimers()
        const clean = this.#failure === '' && CLEAN_CLOSES.includes(code)
        this.#listener.closed(this.#failure || closeReason(code, reason.toString()), clean)
      })
  }

  #opened(): void {
    const { heartbeat = 30, handshakeTimeout = 10, keepAlive } = this.#options
    this.#timers.push(setInterval(() => this.#beat(), timer(heartbeat)))
    if (keepAlive) this.#timers.push(setInterval(() => this.#send(keepAlive.send), timer(keepAlive.every)))
    this.#step(() => this.#dialogue.begin())
    if (this.#dialogue.done) {
      this.#listener.ready()
      return
    }
    const patience = () =>
      this.#dialogue.done || this.#giveUp(`no answer in ${handshakeTimeout} s: ${this.#dialogue.missing}`)
    this.#timers.push(setTimeout(patience, timer(handshakeTimeout)))
  }

  #received(data: Buffer, isBinary: boolean): void {
    this.#alive = true
    const frame = isBinary ? this.#binaryFrame(data) : data.toString()
    const heard = this.#dialogue.done ? false : this.#step(() => this.#dialogue.hears(frame))
    if (heard && this.#dialogue.done) this.#listener.ready()
    else if (heard === false) this.#listener.received(frame)
  }

  /** Bytes that are no text cannot be a message either: what stands for them becomes a dead letter. */
  #binaryFrame(data: Buffer): string {
    if (this.#options.binary !== 'text') return `a binary frame of ${data.length} bytes`
    return isUtf8(data) ? data.toString() : `a binary frame of ${data.length} bytes that are no UTF-8`
  }

  /** A step of the dialogue; undefined when the server has refused. */
  #step<T>(step: () => T): T | undefined {
    try {
      return step()
    } catch (error) {
      this.#giveUp((error as Error).message)
      return undefined
    }
  }

  #send(message: unknown): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return
    const filled = this.#secrets.fillAll(message)
    this.#socket.send(typeof filled === 'string' ? filled : JSON.stringify(filled))
  }

  /** After a long stop of the process timers come first: what has arrived is read before anyone is judged. */
  #beat(): void {
    if (this.#alive) this.#askForLife()
    else setImmediate(() => this.#judge())
  }

  /** A paused socket cannot hear its pongs: that is our doing, not the peer's. */
  #judge(): void {
    if (!this.#alive && !this.#socket.isPaused) this.#giveUp('no answer to a ping')
    this.#askForLife()
  }

  #askForLife(): void {
    this.#alive = false
    this.#pings = 0
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping()
  }

  #giveUp(reason: string): void {
    this.#failure ||= reason
    this.#socket.terminate()
  }

  #clearTimers(): void {
    for (const timer of this.#timers) clearInterval(timer)
  }
}

/** Milliseconds of a timer of so many seconds. */
function timer(seconds: number): number {
  return Math.min(seconds * 1000, LONGEST_TIMER)
}

function readCertificates(path: string): Buffer {
  try {
    const file = readFileSync(path)
    // Node passes over what is none, and then trusts nobody.
    if (!file.includes('-----BEGIN CERTIFICATE-----')) throw new Error('no certificate in PEM in it')
    return file
  } catch (error) {
    throw unreadable(error, path)
  }
}
