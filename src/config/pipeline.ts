import { z } from 'zod'
import {
  ACTIVATION_NAMES,
  LOSS_NAMES,
  METHOD_NAMES,
  OVERFLOW_POLICIES,
  PRECISION_NAMES,
  SINK_POLICIES,
  SYSTEM_NAMES,
  TENSOR_BACKENDS,
  TENSOR_OPTIMIZER_NAMES,
  TIME_UNITS,
  TLS_VERSIONS,
  TOKEN_SCOPES,
  UPDATE_NAMES,
} from '../names.js'
import { channelName } from './channel-name.js'
import { csvSchema } from './decoders/csv-decoder.js'
import { mappingSchema } from './mapping/mapping-schema.js'
import { websocketSource } from './websocket-source.js'

const positive = z.number().positive()
const count = z.number().int().positive()
/** What the system takes for the name of a file or a directory. */
const path = z
  .string()
  .min(1, 'expected a name, not nothing')
  .refine(name => !name.includes('\0'), 'expected a name without the character 0')
/** What all sources of messages have in common. */
const messages = {
  timeUnit: z.enum([...TIME_UNITS, 'auto']).exactOptional(),
  /** Refuse times that look like another unit. */
  timeCheck: z.boolean().exactOptional(),
  /** What happens when more comes than is learned; see streams/overflow/overflow.md. */
  overflow: z.strictObject({ policy: z.enum(OVERFLOW_POLICIES), limit: count.exactOptional() }).exactOptional(),
  /** Share of unusable messages, of 1, in so many seconds, from which on health is degraded; see streams/overflow/overflow.md. */
  rejects: z
    .strictObject({ share: z.number().gt(0).max(1).exactOptional(), window: positive.exactOptional() })
    .exactOptional(),
  /** How messages in another format become observations. */
  map: mappingSchema.exactOptional(),
  /** How messages are written. Default: json; of a log whose name ends in .csv or .tsv, csv. */
  format: z.enum(['json', 'senml']).exactOptional(),
}
const textMessages = {
  ...messages,
  format: z.enum(['json', 'csv', 'senml']).exactOptional(),
  csv: csvSchema.exactOptional(),
  /** Bytes of the longest message. */
  maxLine: count.exactOptional(),
}
/** Seconds that a time may be ahead of the clock of this machine, where a source says what happens now. */
const maxSkew = positive.exactOptional()
const speed = z.union([z.literal('max'), positive])

const sources = {
  log: z.strictObject({
    kind: z.literal('log'),
    /** A file, or a directory of files that are read in the order of their names. */
    path,
    /** What the names of the files of a directory end in. */
    files: z.string().min(1).exactOptional(),
    /** Go on with what is written from now on, also into new files. */
    follow: z.boolean().exactOptional(),
    /** Seconds between looks at a file that is followed. */
    poll: positive.exactOptional(),
    speed: speed.exactOptional(),
    ...textMessages,
  }),
  websocket: websocketSource.extend({ ...messages, maxSkew }),
  stdin: z.strictObject({ kind: z.literal('stdin'), ...textMessages, maxSkew }),
  simulate: z.strictObject({
    kind: z.literal('simulate'),
    system: z.enum(SYSTEM_NAMES),
    count: count.exactOptional(),
    seed: z.number().int().nonnegative().exactOptional(),
    gap: positive.exactOptional(),
    noise: z.number().nonnegative().exactOptional(),
    missing: z.number().min(0).max(0.95).exactOptional(),
    hide: z.array(z.string()).exactOptional(),
    key: z.string().exactOptional(),
    speed: speed.exactOptional(),
  }),
}

const dynamics = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('mlp').exactOptional(),
    hidden: z.array(count.max(4096)).max(8).exactOptional(),
    activation: z.enum(ACTIVATION_NAMES).exactOptional(),
    skip: z.boolean().exactOptional(),
    time: z.boolean().exactOptional(),
    precision: z.enum(PRECISION_NAMES).exactOptional(),
  }),
  /** A LayersModel of TensorFlow.js; see src/tensor/tensor.md. */
  z.strictObject({
    kind: z.literal('tfjs'),
    /** Its model.json. */
    model: path,
    /** Default the first that works here. */
    backend: z.enum(TENSOR_BACKENDS).exactOptional(),
    /** How far a parameter may lie from its start, for the Kalman rule. */
    spread: positive.exactOptional(),
  }),
])

const optimizer = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('kalman'),
    forgetting: z.number().gt(0.5).max(1).exactOptional(),
    clip: positive.exactOptional(),
    block: z.union([z.literal('auto'), z.int().positive()]).exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('adam'),
    rate: positive.exactOptional(),
    beta1: z.number().min(0).lt(1).exactOptional(),
    beta2: z.number().min(0).lt(1).exactOptional(),
    epsilon: positive.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('sgd'),
    rate: positive.exactOptional(),
    momentum: z.number().min(0).lt(1).exactOptional(),
  }),
  /** An optimizer of TensorFlow.js. */
  z.strictObject({
    kind: z.literal('tfjs'),
    name: z.enum(TENSOR_OPTIMIZER_NAMES),
    rate: positive.exactOptional(),
    momentum: z.number().min(0).lt(1).exactOptional(),
    beta1: z.number().min(0).lt(1).exactOptional(),
    beta2: z.number().min(0).lt(1).exactOptional(),
    decay: z.number().min(0).lt(1).exactOptional(),
    epsilon: positive.exactOptional(),
  }),
])

/** What gives when messages come faster than a file takes them, and bytes that may wait; see streams/overflow/overflow.md. */
const sinkOverflow = z.strictObject({ policy: z.enum(SINK_POLICIES), bytes: count.exactOptional() })

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

const sink = z.discriminatedUnion('kind', [
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

/** The pipeline file. Every field may be left out. */
export const pipelineSchema = z.strictObject({
  source: z
    .discriminatedUnion('kind', [sources.log, sources.websocket, sources.stdin, sources.simulate])
    .exactOptional(),
  channels: z
    .array(channelName)
    .min(1)
    .max(1024)
    .refine(names => new Set(names).size === names.length, 'expected channel names that differ')
    .exactOptional(),
  model: z
    .strictObject({
      augment: z.union([z.literal('auto'), z.number().int().min(0).max(1024)]).exactOptional(),
      dynamics: dynamics.exactOptional(),
      update: z.enum(UPDATE_NAMES).exactOptional(),
    })
    .exactOptional(),
  solver: z
    .strictObject({
      method: z.enum(METHOD_NAMES).exactOptional(),
      rtol: positive.exactOptional(),
      atol: positive.exactOptional(),
      step: positive.exactOptional(),
      maxSteps: count.exactOptional(),
    })
    .exactOptional(),
  learn: z
    .strictObject({
      window: count.max(10_000).exactOptional(),
      stride: count.exactOptional(),
      warmup: z.number().int().min(2).max(10_000).exactOptional(),
      optimizer: optimizer.exactOptional(),
      loss: z.enum(LOSS_NAMES).exactOptional(),
      clip: positive.exactOptional(),
      level: z.number().gt(0).lt(1).exactOptional(),
      maxGap: positive.exactOptional(),
      seed: z.number().int().nonnegative().exactOptional(),
      /** Seconds an observation may be older than the newest one of its key. */
      allowedLateness: z.number().nonnegative().exactOptional(),
      /** What came later than that: learn it where it belongs in the window, or put it aside. */
      late: z.enum(['learn', 'drop']).exactOptional(),
      /** Observations of a key that are remembered to tell duplicates; 0 learns every one as often as it comes. */
      duplicates: z.number().int().nonnegative().max(1_000_000).exactOptional(),
      /** Seconds ahead of all others of its key from which on an observation waits for a second one. */
      maxAhead: positive.exactOptional(),
      /** Seconds after which a key whose source is silent has what is held of it passed on; live sources only. */
      idle: positive.exactOptional(),
      /** Late observations in a row after which the clock of a key is taken to have been set back; 0 never. */
      clockReset: z.number().int().nonnegative().exactOptional(),
      /** Keys that may be learned at the same time. */
      maxKeys: count.exactOptional(),
    })
    .exactOptional(),
  /** Seconds of event time between forecasts, how far they look, and at how many times in between. */
  forecast: z
    .strictObject({ every: positive, horizon: positive, points: count.max(1000).exactOptional() })
    .exactOptional(),
  /** Threads that learn, each its share of the keys; `auto` is one fewer than there are processors. Without it the main thread learns. */
  workers: z.union([count.max(256), z.literal('auto')]).exactOptional(),
  sinks: z.array(sink).exactOptional(),
  deadLetters: z.strictObject({ path, overflow: sinkOverflow.exactOptional() }).exactOptional(),
  /**
   * Where every accepted observation is written down before it is used; bytes of a file before it is zipped; and when records
   * outlive the loss of power: always, never, or after so many seconds.
   */
  record: z
    .strictObject({
      directory: path,
      rotate: count.exactOptional(),
      fsync: z.union([z.literal('always'), z.literal('never'), positive]).exactOptional(),
    })
    .exactOptional(),
  /** Where the state is kept, from which a run goes on; how often, in seconds; and how many checkpoints stay. */
  checkpoint: z
    .strictObject({ directory: path, every: positive.exactOptional(), keep: count.exactOptional() })
    .exactOptional(),
})

/** A pipeline file, checked; every field may be missing. */
export type PipelineConfig = z.infer<typeof pipelineSchema>
/** The source of a pipeline file. */
export type SourceConfig = NonNullable<PipelineConfig['source']>
/** A sink of a pipeline file. */
export type SinkConfig = NonNullable<PipelineConfig['sinks']>[number]
