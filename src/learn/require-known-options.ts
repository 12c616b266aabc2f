import { requireKnown } from '../require-option.js'
import { DYNAMICS_DEFAULTS, MODEL_DEFAULTS, OPTIMIZER_DEFAULTS, SOLVER_DEFAULTS } from './learner-defaults.js'
import type { LearnerOptions } from './learner-options.js'
import { isCustom } from './model/custom-dynamics.js'

const OPTIONS: Readonly<Record<keyof LearnerOptions, true>> = {
  model: true,
  solver: true,
  window: true,
  stride: true,
  warmup: true,
  optimizer: true,
  loss: true,
  clip: true,
  level: true,
  maxGap: true,
  seed: true,
}

/** @throws ContraflowError OPTION_INVALID where an option has a name that a learner does not know. Parts of one's own may have more. */
export function requireKnownOptions(options: LearnerOptions): void {
  const { model = {}, solver = {}, optimizer } = options
  const { dynamics = {} } = model
  requireKnown('learner', options, Object.keys(OPTIONS))
  requireKnown('learner.model', model, Object.keys(MODEL_DEFAULTS))
  requireKnown('learner.solver', solver, Object.keys(SOLVER_DEFAULTS))
  if (!isCustom(dynamics)) requireKnown('learner.model.dynamics', dynamics, ['kind', ...Object.keys(DYNAMICS_DEFAULTS)])
  const rules: Readonly<Record<string, object>> = OPTIMIZER_DEFAULTS
  const rule = optimizer && rules[optimizer.kind]
  if (rule) requireKnown('learner.optimizer', optimizer, ['kind', ...Object.keys(rule)])
}
