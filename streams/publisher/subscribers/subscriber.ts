import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { Batch } from './batch.js'
import { BoundedMap } from './bounded-map.js'
import { FAREWELLS, type Farewell } from './farewell.js'
import type { Publication } from './publication.js'
import { passes, passesAll, type Selection } from './selection.js'
import { textFrame } from './text-frame.js'

/** Limits of one subscriber. */
export interface SubscriberLimits {
  /** Bytes that may wait; beyond, only the latest message of each topic is kept. */
  readonly maxBuffered: number
  /** Topics for which something may wait. */
  readonly maxTopics: number
}

/**
 * One open WebSocket. Whoever is behind gets, topic by topic, the latest message as soon as there is room; nothing is ever
 * split, repeated, or out of order within a topic. Frames are written straight to the connection, because they were built
 * once for everybody; ws writes its own ones (answers to pings, closes) there too, one after the other.
 */
export class Subscriber {
  /** Messages that a newer one has replaced before they could be sent. */
  conflated = 0
  readonly #socket: WebSocket
  readonly #wire: Socket
  readonly #limits: SubscriberLimits
  readonly #pending: BoundedMap<{ readonly frame: Buffer }>
  #selection: Selection | undefined

  /** @param wire The connection under the socket. */
  constructor(socket: WebSocket, wire: Socket, limits: SubscriberLimits) {
    this.#socket = socket
    this.#wire = wire
    this.#limits = limits
    this.#pending = new BoundedMap(limits.maxTopics)
    wire.on('drain', () => this.#drain())
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  /** Bytes that wait in this process. */
  get buffered(): number {
    return this.#wire.writableLength
  }

  /** Bytes that the system has taken so far: as long as this grows, the other end reads. */
  get progress(): number {
    return this.#wire.bytesWritten - this.#wire.writableLength
  }

  /** Bytes that have come from it so far, control frames included. */
  get heard(): number {
    return this.#wire.bytesRead
  }

  /** Is there more for it than it may be sent? */
  get behind(): boolean {
    return this.#pending.size > 0 || this.buffered > this.#limits.maxBuffered
  }

  /** From now on it gets this. What waited for it is forgotten. */
  listen(selection: Selection): void {
    this.#selection = selection
    this.#pending.clear()
    for (const publication of selection.first) this.#pending.set(publication.slot, publication)
    this.#drain()
  }

  /** Puts a message behind what is waiting now. */
  append(message: object): void {
    const frame = textFrame(JSON.stringify(message))
    // No slot of a topic is named like this.
    if (this.#pending.size > 0) this.#pending.set('', { frame })
    else this.#write(frame)
  }

  deliver(batch: Batch): void {
    const selection = this.#selection
    if (selection === undefined || !this.open) return
    const all = passesAll(selection.filter) && batch.first > selection.after
    if (all && !this.behind) this.#write(batch.joined)
    else this.#take(batch.publications.filter(publication => wants(selection, publication)))
  }

  /** An answer to a request, at once. */
  reply(message: object): void {
    this.#write(textFrame(JSON.stringify(message)))
  }

  ping(): void {
    if (this.open) this.#socket.ping()
  }

  /** Stops reading requests until what waits for it has gone. */
  holdRequests(): void {
    if (this.buffered <= this.#limits.maxBuffered) return
    this.#socket.pause()
    this.#wire.once('drain', () => this.#socket.resume())
  }

  bid(farewell: Farewell): void {
    const [code, sentence] = FAREWELLS[farewell]
    this.#pending.clear()
    this.#socket.close(code, sentence)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  #take(publications: readonly Publication[]): void {
    if (!this.behind) {
      this.#writeEach(publications)
      return
    }
    for (const publication of publications) if (this.#pending.set(publication.slot, publication)) this.conflated++
    this.#drain()
  }

  #drain(): void {
    if (this.#pending.size === 0 || !this.open) return
    const frames: { readonly frame: Buffer }[] = []
    let room = this.#limits.maxBuffered - this.buffered
    while (room > 0) {
      const next = this.#pending.shift()
      if (next === undefined) break
      frames.push(next)
      room -= next.frame.length
    }
    this.#writeEach(frames)
  }

  /** In one system call. */
  #writeEach(messages: readonly { readonly frame: Buffer }[]): void {
    if (messages.length === 0) return
    this.#wire.cork()
    for (const { frame } of messages) this.#write(frame)
    this.#wire.uncork()
  }

  #write(frame: Buffer): void {
    if (this.open) this.#wire.write(frame)
  }
}

function wants({ filter, after }: Selection, { topic, sequence }: Publication): boolean {
  return sequence > after && passes(filter, topic)
}
