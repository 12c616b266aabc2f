import { LOSS_NAMES } from '../names.js'
import { requireIntegratorOptions } from '../ode/integrator-options.js'
import { methodOf } from '../ode/method.js'
import { requireCount, requireName, requireOption } from '../require-option.js'
import type { LearnerOptions, OptimizerOptions } from './learner-options.js'
import { requireModel } from './model/model.js'
import { requireKnownOptions } from './require-known-options.js'
import { adam } from './rules/adam.js'
import { requireKalman } from './rules/kalman.js'
import { sgd } from './rules/sgd.js'
import type { FilterOptions } from './window/filter.js'

/** Every option with its value. */
export interface LearnerSettings extends Required<Omit<LearnerOptions, 'solver'>> {
  readonly solver: FilterOptions['solver']
}

/**
 * Fills in what is left out.
 * @throws ContraflowError OPTION_INVALID for options that nobody knows, are out of range, or name nothing: what a learner makes at the end
 * of its warm-up is refused before it takes anything.
 */
export function learnerSettings(options: LearnerOptions): LearnerSettings {
  requireKnownOptions(options)
  const { method = 'tsit5', rtol = 1e-4, atol = 1e-6, step, maxSteps = 1000 } = options.solver ?? {}
  const settings: LearnerSettings = {
    model: {},
    window: 16,
    stride: 1,
    warmup: 40,
    optimizer: { kind: 'kalman' },
    loss: 'squared',
    clip: 1,
    level: 0.9,
    maxGap: 10,
    seed: 1,
    ...options,
    solver: { method: methodOf(method), rtol, atol, maxSteps, ...(step === undefined ? {} : { step }) },
  }
  const { window, stride, warmup, level, maxGap, clip, seed } = settings
  requireCount('window', window)
  requireCount('stride', stride)
  requireCount('warmup', warmup, 2)
  requireOption('level', level, level > 0 && level < 1, 'a share between 0 and 1')
  requireOption('maxGap', maxGap, maxGap > 0, 'a positive number')
  requireOption('clip', clip, clip > 0, 'a positive number')
  requireCount('seed', seed, 0)
  requireName('loss', settings.loss, LOSS_NAMES)
  requireIntegratorOptions(settings.solver)
  requireModel(settings.model)
  requireOptimizer(settings.optimizer)
  return settings
}

function requireOptimizer(optimizer: OptimizerOptions): void {
  requireName('optimizer.kind', optimizer.kind, OPTIMIZER_KINDS)
  if (optimizer.kind === 'kalman') requireKalman(optimizer)
  if (optimizer.kind === 'adam') adam(0, optimizer)
  if (optimizer.kind === 'sgd') sgd(0, optimizer)
}

const OPTIMIZER_KINDS: readonly OptimizerOptions['kind'][] = ['kalman', 'adam', 'sgd', 'custom']
