import type { LossName, MethodName } from '../names.js'
import type { ModelOptions } from './model/model.js'
import type { AdamOptions } from './rules/adam.js'
import type { KalmanOptions } from './rules/kalman.js'
import type { Optimizer } from './rules/optimizer.js'
import type { SgdOptions } from './rules/sgd.js'

/** How the parameters follow: `kind` names the rule, the rest are its options. */
export type OptimizerOptions =
  | ({ readonly kind: 'kalman' } & KalmanOptions)
  | ({ readonly kind: 'adam' } & AdamOptions)
  | ({ readonly kind: 'sgd' } & SgdOptions)
  | CustomOptimizer

/**
 * An optimizer of one's own, on the gradient of the window. Where it throws, what it has changed is put back, the estimate says why
 * (OWN_PART_FAILED), and the stream goes on.
 */
export interface CustomOptimizer {
  /** Tells it from the optimizers that are here. */
  readonly kind: 'custom'
  /** Goes into checkpoints: a run goes on only from one with the same name. */
  readonly name: string
  /** One for so many parameters; also called with 0. */
  create(length: number): Optimizer
}

/** How a learner solves its field, in its own units: deviations of the channels and typical gaps. */
export interface SolverOptions {
  /** Default tsit5. */
  readonly method?: MethodName
  /** Relative tolerance of the local error. Default 1e-4. */
  readonly rtol?: number
  /** Absolute tolerance, in the learner's units. Default 1e-6. */
  readonly atol?: number
  /** Fixed steps of at most this many typical gaps. */
  readonly step?: number
  /** Steps allowed from one observation to the next. Default 1000. */
  readonly maxSteps?: number
}

/** Everything about a learner; every option has a default. */
export interface LearnerOptions {
  /** Field, latent dimensions, update map. Default: what ARCHITECTURE.md found best on many streams. */
  readonly model?: Omit<ModelOptions, 'channels' | 'seed'>
  /** Default tsit5 with adaptive steps. */
  readonly solver?: SolverOptions
  /** Observations a sweep runs over. Default 16. */
  readonly window?: number
  /** Every n-th observation updates the parameters. Default 1. */
  readonly stride?: number
  /** Observations that the units are estimated from; they are predicted by persistence, or a first model from the thirteenth on, and learned afterwards. Default 40. */
  readonly warmup?: number
  /** How the parameters follow. Default kalman, which costs p² a channel for up to 512 parameters, 256 p for more. */
  readonly optimizer?: OptimizerOptions
  /** Used by adam and sgd. Default squared. */
  readonly loss?: LossName
  /** Longest gradient that adam and sgd use whole. Default 1. */
  readonly clip?: number
  /** Share of the values that intervals shall contain. Default 0.9. */
  readonly level?: number
  /**
   * Longer gaps are integrated as this many typical gaps, and nothing is learned across the first of them: not from the observation behind it,
   * nor from later ones about what was before it. Default 10.
   */
  readonly maxGap?: number
  /** Default 1. */
  readonly seed?: number
}
