import type { PipelineConfig } from '../../src/config/pipeline.js'
import type { Forecast } from '../../src/estimate.js'
import type { Saved } from '../../src/saved.js'
import type { ObservationBatch } from './observation-batch.js'
import type { OutputBatch } from './output-batch.js'

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

/** From a worker thread. */
export type FromWorker =
  | { readonly kind: 'saved'; readonly saved: readonly Saved[] }
  | { readonly kind: 'forecast'; readonly id: number; readonly forecast: Forecast | undefined }
  | {
      readonly kind: 'learned'
      /** The last input that is done. */
      readonly upTo: number
      readonly outputs: OutputBatch
    }
  | {
      readonly kind: 'completed'
      /** What the end brought. */
      readonly outputs: OutputBatch
      /** By key. */
      readonly scores: readonly (readonly [key: string, saved: Saved])[]
    }
