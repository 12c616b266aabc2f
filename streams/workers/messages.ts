import type { PipelineConfig } from '../../src/config/pipeline.js'
import type { ErrorCode } from '../../src/errors.js'
import type { Forecast } from '../../src/estimate.js'
import type { Observation } from '../../src/observation.js'
import type { Saved } from '../../src/saved.js'
import type { Outgoing } from '../outgoing.js'
import type { ObservationBatch } from './observation-batch.js'

/** What a worker thread starts with. */
export interface WorkerStart {
  readonly config: PipelineConfig
  /** The state of each key that it has from a checkpoint, in the order in which they came. */
  readonly saved: readonly Saved[]
}

/** To a worker thread. */
export type ToWorker =
  | { readonly kind: 'learn'; readonly batch: ObservationBatch }
  /** A forecast is wanted now, whatever else waits to be sent back. */
  | {
      readonly kind: 'forecast'
      readonly id: number
      readonly key: string
      readonly horizon: number
      readonly points: number
    }
  /** The state of every key is wanted, when all that was sent before has been learned. */
  | { readonly kind: 'save' }
  /** No more will come: what is held is to be learned. */
  | { readonly kind: 'complete' }

/** One result: a message as its JSON line, or an observation that was not learned. */
export type WorkerOutput = Omit<Outgoing, 'message'> | { readonly code: ErrorCode; readonly observation: Observation }

/** From a worker thread. */
export type FromWorker =
  | { readonly kind: 'saved'; readonly saved: readonly Saved[] }
  | { readonly kind: 'forecast'; readonly id: number; readonly forecast: Forecast | undefined }
  | {
      readonly kind: 'learned'
      /** The last input that is done. */
      readonly upTo: number
      /** For each output, the number of the input that it belongs to. */
      readonly orders: readonly number[]
      readonly outputs: readonly WorkerOutput[]
    }
  | {
      readonly kind: 'completed'
      /** What the end brought. */
      readonly outputs: readonly WorkerOutput[]
      /** By key. */
      readonly scores: readonly (readonly [key: string, saved: Saved])[]
    }
