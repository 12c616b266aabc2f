import { z } from 'zod'
import {
  ACTIVATION_NAMES,
  LOSS_NAMES,
  METHOD_NAMES,
  PRECISION_NAMES,
  TENSOR_BACKENDS,
  TENSOR_OPTIMIZER_NAMES,
  UPDATE_NAMES,
} from '../../names.js'
import { count, path, positive } from './values.js'

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

/** What predicts; see `ModelOptions`. */
export const modelSchema = z.strictObject({
  augment: z.union([z.literal('auto'), z.number().int().min(0).max(1024)]).exactOptional(),
  dynamics: dynamics.exactOptional(),
  update: z.enum(UPDATE_NAMES).exactOptional(),
})

/** How its field is solved; see `SolverOptions`. */
export const solverSchema = z.strictObject({
  method: z.enum(METHOD_NAMES).exactOptional(),
  rtol: positive.exactOptional(),
  atol: positive.exactOptional(),
  step: positive.exactOptional(),
  maxSteps: count.exactOptional(),
})

/** How it learns, see `LearnerOptions`, and what of the observations comes to it in which order. */
export const learnSchema = z.strictObject({
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
