import { isIP } from 'node:net'
import { ContraflowError } from '../../src/errors.js'
import type { TlsOptions } from './admission/certificate.js'
import type { TokenSource } from './admission/token-source.js'

/** Where to listen, whom to let in, and how much one of them may cost. */
export interface PublisherOptions {
  /** 0 takes a free one. */
  readonly port: number
  /** Default 127.0.0.1: this machine only. Any other address needs a token. */
  readonly host?: string
  /** Where the tokens are that let subscribers in. Without one everybody on this machine may come in. */
  readonly token?: TokenSource | readonly TokenSource[]
  /** Encrypts connections. The files are read again when they change. Default: no encryption. */
  readonly tls?: TlsOptions
  /** Listen beyond this machine although there is no token. Default false. */
  readonly insecure?: boolean
  /** Origins whose pages may connect, written as browsers send them: "https://dash.example:8443". Default none. */
  readonly origins?: readonly string[]
  /** Names of this server besides localhost and addresses. Default none. */
  readonly hosts?: readonly string[]
  /** Addresses of proxies whose X-Forwarded-For is believed. Default none. */
  readonly proxies?: readonly string[]
  /** Default 2500. */
  readonly maxSubscribers?: number
  /** From one address. Default 100; no limit of its own on a loopback address, where all are the same. */
  readonly maxPerAddress?: number
  /** Bytes that may wait for one subscriber; beyond, it gets only the latest message of each key. Default 256 KiB. */
  readonly maxBuffered?: number
  /** Bytes that may wait for all together; beyond, those with the most are sent away. Default 256 MiB. */
  readonly maxBufferedTotal?: number
  /** Seconds without progress after which a subscriber that is behind is sent away. Default 2.5. */
  readonly patience?: number
  /** Seconds between pings; who has not answered until the next one is gone. Default 30. */
  readonly heartbeat?: number
  /** Seconds without an observation after which /ready says no. Default: never. */
  readonly maxAge?: number
}

/** All of them, with defaults. */
export interface PublisherSettings extends Omit<Required<PublisherOptions>, 'token' | 'tls' | 'maxAge'> {
  /** None: everybody may come in. */
  readonly tokens: readonly TokenSource[]
  readonly tls: TlsOptions | undefined
  readonly maxAge: number
}

/** @throws ContraflowError LISTEN_UNSAFE for an address beyond this machine without a token. */
export function publisherSettings(options: PublisherOptions): PublisherSettings {
  const { host = '127.0.0.1', token, insecure = false, maxSubscribers = 2500 } = options
  const local = isLoopback(host)
  const tokens = token === undefined ? [] : [token].flat()
  if (!local && tokens.length === 0 && !insecure)
    throw new ContraflowError('LISTEN_UNSAFE', { received: `the address ${host} and no token` })
  return {
    port: options.port,
    host,
    tokens,
    tls: options.tls,
    insecure,
    origins: options.origins ?? [],
    hosts: options.hosts ?? [],
    proxies: options.proxies ?? [],
    maxSubscribers,
    maxPerAddress: options.maxPerAddress ?? (local ? maxSubscribers : 100),
    maxBuffered: options.maxBuffered ?? 256 << 10,
    maxBufferedTotal: options.maxBufferedTotal ?? 256 << 20,
    patience: options.patience ?? 2.5,
    heartbeat: options.heartbeat ?? 30,
    maxAge: options.maxAge ?? Number.POSITIVE_INFINITY,
  }
}

/** Can only this machine reach it? */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}
