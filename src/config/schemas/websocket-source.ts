import { z } from 'zod'
import { conditionSchema, pointerSchema } from '../mapping/condition.js'
import { count, positive } from './values.js'

/** A WebSocket as a source. ${env:NAME} and ${file:PATH} in texts stand for secrets. */
export const websocketSource = z.strictObject({
  kind: z.literal('websocket'),
  url: z
    .url({ protocol: /^wss?$/, error: 'expected an address that begins with ws:// or wss://' })
    .refine(url => !url.includes('#'), 'expected an address without "#"'),
  /** Sub-protocols that are offered. */
  protocols: z.array(z.string().min(1)).exactOptional(),
  /** Of the request that opens the connection. */
  headers: z.record(z.string().regex(/^[A-Za-z0-9-]+$/), z.string()).exactOptional(),
  /** File with the certificates of a private authority. */
  ca: z.string().exactOptional(),
  /** What to wait for and what to say after every connect, before `subscribe`. */
  dialogue: z
    .array(
      z.strictObject({
        wait: conditionSchema.exactOptional(),
        fail: conditionSchema.exactOptional(),
        send: z.json().exactOptional(),
      }),
    )
    .exactOptional(),
  /** Sent after every connect: a text as it is, anything else as JSON; several in order. */
  subscribe: z.array(z.json()).exactOptional(),
  /** Where messages carry their number, and how to go on after the last one. */
  resume: z
    .strictObject({
      sequence: pointerSchema,
      send: z.json().exactOptional(),
      query: z.string().min(1).exactOptional(),
      consecutive: z.boolean().exactOptional(),
    })
    .exactOptional(),
  /** A message for the server every so many seconds. */
  keepAlive: z.strictObject({ every: positive, send: z.json() }).exactOptional(),
  binary: z.enum(['refuse', 'text']).exactOptional(),
  compression: z.boolean().exactOptional(),
  /** Connect again when the connection ends. */
  reconnect: z.boolean().exactOptional(),
  /** Seconds between pings; a connection that does not answer until the next one is given up. */
  heartbeat: positive.exactOptional(),
  /** Seconds. */
  handshakeTimeout: positive.exactOptional(),
  /** Messages in a row that cannot be used, after which the connection is closed with 1008 and made anew. */
  rejectBudget: count.exactOptional(),
  /** Bytes of the largest message. */
  maxPayload: count.exactOptional(),
  maxFragments: count.exactOptional(),
})
