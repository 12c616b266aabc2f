import { DYNAMICS_DEFAULTS, MODEL_DEFAULTS, OPTIMIZER_DEFAULTS, SOLVER_DEFAULTS } from '../learner-defaults.js'
import type { LearnerOptions, OptimizerOptions } from '../learner-options.js'
import { learnerSettings } from '../learner-settings.js'
import { type CustomDynamics, isCustom } from '../model/custom-dynamics.js'
import type { DynamicsOptions } from '../model/model.js'
import type { Plain } from './checkpoint.js'

/**
 * Every option of a learner with its value, as a checkpoint holds it: what has to be the same to go on exactly.
 */
export function learnerIdentity(options: LearnerOptions = {}): { readonly [name: string]: Plain } {
  const { model = {}, solver = {}, optimizer = { kind: 'kalman' }, ...rest } = options
  const { model: _, solver: __, optimizer: ___, ...scalars } = { ...learnerSettings({}), ...rest }
  return {
    ...scalars,
    model: { ...MODEL_DEFAULTS, ...model, dynamics: dynamicsIdentity(model.dynamics) },
    solver: { ...SOLVER_DEFAULTS, ...solver },
    optimizer: optimizerIdentity(optimizer),
  }
}

/** A field of one's own is known by its name. */
function dynamicsIdentity(dynamics: DynamicsOptions | CustomDynamics = {}): Plain {
  if (!isCustom(dynamics)) return { kind: 'mlp', ...DYNAMICS_DEFAULTS, ...dynamics }
  const { kind, name, dimension, spread = 0.1 } = dynamics
  return { kind, name, dimension, spread }
}

function optimizerIdentity(optimizer: OptimizerOptions): Plain {
  if (optimizer.kind === 'custom') return { kind: optimizer.kind, name: optimizer.name }
  return { ...OPTIMIZER_DEFAULTS[optimizer.kind], ...optimizer }
}
