import { z } from 'zod'
import { OVERFLOW_POLICIES, SYSTEM_NAMES, TIME_UNITS } from '../../names.js'
import { csvSchema } from '../decoders/csv-decoder.js'
import { mappingSchema } from '../mapping/mapping-schema.js'
import { count, path, positive } from './values.js'
import { websocketSource } from './websocket-source.js'

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

const log = z.strictObject({
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
})
const websocket = websocketSource.extend({ ...messages, maxSkew })
const stdin = z.strictObject({ kind: z.literal('stdin'), ...textMessages, maxSkew })
const simulate = z.strictObject({
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
})

/** Where observations come from. */
export const sourceSchema = z.discriminatedUnion('kind', [log, websocket, stdin, simulate])
