import type { DialogueStep } from './dialogue.js'
import type { ResumeOptions } from './sequence-tracker.js'

/**
 * Where to connect, what to say, and how patient to be. In `url`, `protocols`, `headers` and everything that is sent,
 * \${env:NAME} and \${file:PATH} stand for secrets, which are read at every connect and never shown.
 */
export interface WebSocketFeedOptions {
  /** ws:// or wss://. */
  readonly url: string
  /** Sub-protocols that are offered. Default none. */
  readonly protocols?: readonly string[]
  /** Of the request that opens the connection, e.g. Authorization. */
  readonly headers?: Readonly<Record<string, string>>
  /** File with the certificates of a private authority, PEM. Certificates are always checked. */
  readonly ca?: string
  /** What to wait for and what to say after every connect, before `subscribe`. */
  readonly dialogue?: readonly DialogueStep[]
  /** Sent after every connect, in order: a text as it is, anything else as JSON. */
  readonly subscribe?: readonly unknown[]
  /** Messages are numbered: go on after the last one when the connection was lost, and drop what comes twice. */
  readonly resume?: ResumeOptions
  /** A message for the server every so many seconds. */
  readonly keepAlive?: { readonly every: number; readonly send: unknown }
  /** What binary frames are: `text`, or nothing that can be used. Default refuse. */
  readonly binary?: 'refuse' | 'text'
  /** Offer compression. What is unzipped counts for `maxPayload`. Default false. */
  readonly compression?: boolean
  /** Connect again when the connection ends. Default true. */
  readonly reconnect?: boolean
  /** Seconds between pings; a connection that has shown no life until the next one is given up. Default 30. */
  readonly heartbeat?: number
  /** Seconds until a connection must be open, and until the dialogue must be over. Default 10. */
  readonly handshakeTimeout?: number
  /** Messages in a row that cannot be used, after which the connection is closed with 1008 and made anew. Default 1000. */
  readonly rejectBudget?: number
  /** Bytes of the largest message. Default 1 MiB. */
  readonly maxPayload?: number
  /** Fragments of one message. Default 64. */
  readonly maxFragments?: number
}

/** An address without user, password, query and fragment, which may carry tokens. */
export function withoutSecrets(url: string): string {
  const [, scheme = '', rest = ''] = /^(\w+:\/\/)([^?#]*)/.exec(url) ?? []
  const [host = '', ...path] = rest.split('/')
  return `${scheme}${host.slice(host.lastIndexOf('@') + 1)}/${path.join('/')}`
}
