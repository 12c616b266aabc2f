import type { CustomOptimizer, OptimizerOptions, SolverOptions } from './learner-options.js'
import type { DynamicsOptions, ModelOptions } from './model/model.js'

/*
 * The names and defaults of the options that have options. They stand here a second time, so that a checkpoint that was written before one was
 * changed shows it; a test compares the two.
 */

type Complete<T> = { readonly [K in keyof T]-?: T[K] }
type OwnOptimizers = Exclude<OptimizerOptions, CustomOptimizer>
type OptimizerDefaults = { readonly [O in OwnOptimizers as O['kind']]: Complete<Omit<O, 'kind'>> }

export const DYNAMICS_DEFAULTS = {
  hidden: [16],
  activation: 'tanh',
  time: false,
  skip: true,
  precision: 'f64',
  kernel: true,
} satisfies Complete<DynamicsOptions>
export const MODEL_DEFAULTS = { augment: 'auto', dynamics: DYNAMICS_DEFAULTS, update: 'gain' } satisfies Complete<
  Omit<ModelOptions, 'channels' | 'seed'>
>
/** `step` stands for steps that adapt. */
export const SOLVER_DEFAULTS = { method: 'tsit5', rtol: 1e-4, atol: 1e-6, step: null, maxSteps: 1000 } satisfies {
  readonly [K in keyof SolverOptions]-?: SolverOptions[K] | null
}
export const OPTIMIZER_DEFAULTS: OptimizerDefaults = {
  kalman: { forgetting: 0.999, clip: 5, block: 'auto' },
  adam: { rate: 0.003, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  sgd: { rate: 0.01, momentum: 0.9 },
}
