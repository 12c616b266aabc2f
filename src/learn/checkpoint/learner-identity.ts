import {
  type CustomOptimizer,
  type LearnerOptions,
  learnerSettings,
  type OptimizerOptions,
  type SolverOptions,
} from '../learner-options.js'
import { type CustomDynamics, isCustom } from '../model/custom-dynamics.js'
import type { DynamicsOptions, ModelOptions } from '../model/model.js'
import type { Plain } from './checkpoint.js'

type Complete<T> = { readonly [K in keyof T]-?: T[K] }
type OwnOptimizers = Exclude<OptimizerOptions, CustomOptimizer>
type OptimizerDefaults = { readonly [O in OwnOptimizers as O['kind']]: Complete<Omit<O, 'kind'>> }

const DYNAMICS = {
  hidden: [16],
  activation: 'tanh',
  time: false,
  skip: true,
  precision: 'f64',
  kernel: true,
} satisfies Complete<DynamicsOptions>
const MODEL = { augment: 'auto', dynamics: DYNAMICS, update: 'gain' } satisfies Complete<
  Omit<ModelOptions, 'channels' | 'seed'>
>
/** `step` stands for steps that adapt. */
const SOLVER = { method: 'tsit5', rtol: 1e-4, atol: 1e-6, step: null, maxSteps: 1000 } satisfies {
  readonly [K in keyof SolverOptions]-?: SolverOptions[K] | null
}
const OPTIMIZERS: OptimizerDefaults = {
  kalman: { forgetting: 0.999, clip: 5, block: 'auto' },
  adam: { rate: 0.003, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  sgd: { rate: 0.01, momentum: 0.9 },
}

/**
 * Every option of a learner with its value, as a checkpoint holds it: what has to be the same to go on exactly. The defaults
 * stand here a second time, so that a file that was written before one was changed shows it; a test compares the two.
 */
export function learnerIdentity(options: LearnerOptions = {}): { readonly [name: string]: Plain } {
  const { model = {}, solver = {}, optimizer = { kind: 'kalman' }, ...rest } = options
  const { model: _, solver: __, optimizer: ___, ...scalars } = { ...learnerSettings({}), ...rest }
  return {
    ...scalars,
    model: { ...MODEL, ...model, dynamics: dynamicsIdentity(model.dynamics) },
    solver: { ...SOLVER, ...solver },
    optimizer: optimizerIdentity(optimizer),
  }
}

/** A field of one's own is known by its name. */
function dynamicsIdentity(dynamics: DynamicsOptions | CustomDynamics = {}): Plain {
  if (!isCustom(dynamics)) return { kind: 'mlp', ...DYNAMICS, ...dynamics }
  const { kind, name, dimension, spread = 0.1 } = dynamics
  return { kind, name, dimension, spread }
}

function optimizerIdentity(optimizer: OptimizerOptions): Plain {
  if (optimizer.kind === 'custom') return { kind: optimizer.kind, name: optimizer.name }
  return { ...OPTIMIZERS[optimizer.kind], ...optimizer }
}
