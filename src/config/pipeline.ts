import { z } from 'zod'
import { channelName } from './channel-name.js'
import { learnSchema, modelSchema, solverSchema } from './schemas/learner-schema.js'
import { sinkOverflow, sinkSchema } from './schemas/sink-schema.js'
import { sourceSchema } from './schemas/source-schema.js'
import { count, path, positive } from './schemas/values.js'

/** The pipeline file. Every field may be left out. */
export const pipelineSchema = z.strictObject({
  source: sourceSchema.exactOptional(),
  channels: z
    .array(channelName)
    .min(1)
    .max(1024)
    .refine(names => new Set(names).size === names.length, 'expected channel names that differ')
    .exactOptional(),
  model: modelSchema.exactOptional(),
  solver: solverSchema.exactOptional(),
  learn: learnSchema.exactOptional(),
  /** Seconds of event time between forecasts, how far they look, and at how many times in between. */
  forecast: z
    .strictObject({ every: positive, horizon: positive, points: count.max(1000).exactOptional() })
    .exactOptional(),
  /** Threads that learn, each its share of the keys; `auto` is one fewer than there are processors. Without it the main thread learns. */
  workers: z.union([count.max(256), z.literal('auto')]).exactOptional(),
  sinks: z.array(sinkSchema).exactOptional(),
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
