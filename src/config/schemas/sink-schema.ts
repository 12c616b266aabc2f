import { z } from 'zod'
import { SINK_POLICIES, TLS_VERSIONS, TOKEN_SCOPES } from '../../names.js'
import { count, path, positive } from './values.js'

/** What gives when messages come faster than a file takes them, and bytes that may wait; see streams/overflow/overflow.md. */
export const sinkOverflow = z.strictObject({ policy: z.enum(SINK_POLICIES), bytes: count.exactOptional() })

/** As browsers write it: scheme, host and port, nothing else. */
const origin = z
  .string()
  .refine(
    text => URL.canParse(text) && new URL(text).origin === text,
    'expected an origin such as "https://dash.example:8443", without path, in lower case',
  )

const TOKEN_EXPECTED = `expected { env: NAME } or { file: PATH }, if need be with scopes: [${TOKEN_SCOPES.join(', ')}], or a list of such`
const scopes = z.array(z.enum(TOKEN_SCOPES)).min(1).exactOptional()
const tokenSource = z.union([
  z.strictObject({ env: z.string().min(1), scopes }),
  z.strictObject({ file: path, scopes }),
])

/** Where estimates go. */
export const sinkSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('ndjson'),
    /** What a line holds: a message, or a pack of SenML with the same. */
    format: z.enum(['json', 'senml']).exactOptional(),
    /** "-" is standard output. */
    path,
    /** Add to the file instead of writing it anew. */
    append: z.boolean().exactOptional(),
    /** Put the file aside when it would get longer, and keep so many of them. */
    rotate: z.strictObject({ bytes: count, keep: count.max(1000).exactOptional() }).exactOptional(),
    /** When the file cannot be written: end the run, or go on and drop lines. */
    whenFull: z.enum(['stop', 'drop']).exactOptional(),
    overflow: sinkOverflow.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('websocket'),
    port: z.number().int().min(0).max(65535),
    host: z.string().min(1).exactOptional(),
    /** Where the tokens are that let subscribers in, and what each place allows; never the token itself. */
    token: z.union([tokenSource, z.array(tokenSource).min(1)], TOKEN_EXPECTED).exactOptional(),
    /** Files in PEM with which connections are encrypted, and the oldest version that is spoken. */
    tls: z
      .strictObject({
        certificate: path,
        key: path,
        minVersion: z.enum(TLS_VERSIONS).exactOptional(),
      })
      .exactOptional(),
    /** Listen beyond this machine although there is no token. */
    insecure: z.boolean().exactOptional(),
    /** Origins whose pages may connect. */
    origins: z.array(origin).exactOptional(),
    /** Names of this server besides localhost and addresses. */
    hosts: z.array(z.string().min(1)).exactOptional(),
    /** Addresses of proxies whose X-Forwarded-For is believed. */
    proxies: z.array(z.union([z.ipv4(), z.ipv6()])).exactOptional(),
    maxSubscribers: count.exactOptional(),
    maxPerAddress: count.exactOptional(),
    /** Bytes that may wait for one subscriber; beyond, it gets only the latest of each key. */
    maxBuffered: count.exactOptional(),
    /** Bytes that may wait for all together. */
    maxBufferedTotal: count.exactOptional(),
    /** Seconds without progress after which a subscriber that is behind is sent away. */
    patience: positive.exactOptional(),
    /** Seconds between pings. */
    heartbeat: positive.exactOptional(),
    /** Seconds without an observation after which /ready says no. */
    maxAge: positive.exactOptional(),
  }),
])
