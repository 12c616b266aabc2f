import { LOSS_NAMES, type LossName, type MethodName } from '../names.js'
import { methodOf } from '../ode/method.js'
import { requireCount, requireName, requireOption } from '../require-option.js'
import type { Model, ModelOptions } from './model/model.js'
import { type AdamOptions, adam } from './rules/adam.js'
import { GradientRule } from './rules/gradient.js'
import { type KalmanOptions, KalmanRule, requireKalman } from './rules/kalman.js'
import type { LearningRule } from './rules/learning-rule.js'
import { absolute, gaussian, huber, type Loss, squared } from './rules/losses.js'
import type { Optimizer } from './rules/optimizer.js'
import { type SgdOptions, sgd } from './rules/sgd.js'
import type { FilterOptions } from './window/filter.js'

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
  /** Observations that the units are estimated from; they are predicted by persistence and learned afterwards. Default 40. */
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

/** Every option with its value. */
export interface LearnerSettings extends Required<Omit<LearnerOptions, 'solver'>> {
  readonly solver: FilterOptions['solver']
}

export function learnerSettings(options: LearnerOptions): LearnerSettings {
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
  requireOption('window', window, Number.isInteger(window) && window >= 1, 'a positive integer')
  requireOption('stride', stride, Number.isInteger(stride) && stride >= 1, 'a positive integer')
  requireOption('warmup', warmup, Number.isInteger(warmup) && warmup >= 2, 'an integer of at least 2')
  requireOption('level', level, level > 0 && level < 1, 'a share between 0 and 1')
  requireOption('maxGap', maxGap, maxGap > 0, 'a positive number')
  requireOption('clip', clip, clip > 0, 'a positive number')
  requireCount('seed', seed, 0)
  requireName('loss', settings.loss, LOSS_NAMES)
  requireOptimizer(settings.optimizer)
  return settings
}

/** A rule is made at the end of the warm-up; what cannot be made is refused before anything is taken. */
function requireOptimizer(optimizer: OptimizerOptions): void {
  requireName('optimizer.kind', optimizer.kind, OPTIMIZER_KINDS)
  if (optimizer.kind === 'kalman') requireKalman(optimizer)
  if (optimizer.kind === 'adam') adam(0, optimizer)
  if (optimizer.kind === 'sgd') sgd(0, optimizer)
}

const OPTIMIZER_KINDS: readonly OptimizerOptions['kind'][] = ['kalman', 'adam', 'sgd', 'custom']

/** The rule that these settings name, over this model. */
export function createRule(model: Model, settings: LearnerSettings): LearningRule {
  const { optimizer, clip } = settings
  const loss = createLoss(settings.loss, model.channels)
  switch (optimizer.kind) {
    case 'kalman':
      return new KalmanRule(model, optimizer)
    case 'adam':
      return new GradientRule(model, length => adam(length, optimizer), { loss, clip })
    case 'sgd':
      return new GradientRule(model, length => sgd(length, optimizer), { loss, clip })
    case 'custom':
      return new GradientRule(model, length => optimizer.create(length), { loss, clip, own: optimizer.name })
    default:
      return optimizer satisfies never
  }
}

/** The β-likelihood is the one that learns the fit and the variance; see `gaussian`. */
const BETA = 0.5

function createLoss(name: LossName, channels: number): Loss {
  switch (name) {
    case 'squared':
      return squared
    case 'absolute':
      return absolute
    case 'huber':
      return huber()
    case 'gaussian':
      return gaussian(channels, BETA)
    default:
      return name satisfies never
  }
}
