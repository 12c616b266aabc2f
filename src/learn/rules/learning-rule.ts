import type { Sweep } from '../../adjoint/sweep.js'
import type { Evidence } from '../window/labels.js'

/** The outcome of one update; `rejected` says why nothing has changed. */
export interface RuleReport {
  /** ‖∂loss/∂θ‖₂. */
  readonly gradientNorm: number
  readonly rejected?: string
  /** The parameters were set back to earlier ones, or are not learned any more. */
  readonly guard?: 'rolled-back' | 'frozen'
  /** Values that were too surprising to be learned from in full. */
  readonly clipped?: number
  /** What was learned, where that was to be remembered and the rule can unlearn it. */
  readonly evidence?: Evidence
}

/**
 * How a learner turns a forward sweep into an update of the parameters. The new observation is mostly the last of the sweep; one
 * that came late is somewhere before it.
 * An update that went wrong changes nothing: not parameters, not moments, not counters.
 */
export interface LearningRule {
  /** Predictive variance of each channel, in squared units of the learner; valid after `assess`. Written by the rule alone. */
  readonly variance: Float64Array
  /** R: the noise of each channel that the model cannot learn, in squared units of the learner. Written by the rule alone. */
  readonly noise: Float64Array
  /** Everything besides the parameters that must be stored to go on exactly: name → array, written in place on restore. */
  readonly state: Readonly<Record<string, Float64Array>>
  /** Looks at the prediction of the new observation before its value is used. */
  assess(sweep: Sweep, index: number): void
  /** Variance of a prediction with this sensitivity ∂ŷ/∂θ that the uncertainty of the parameters makes. */
  explained(sensitivity: Float64Array): number
  /** Learns from the values; missing channels are NaN. @param remember Report the evidence. Default false. */
  learn(sweep: Sweep, index: number, remember?: boolean): RuleReport
  /** Forgets what it has gathered besides the parameters, noise excepted: they have been set back. */
  restart(): void
  /**
   * Takes back what was learned. A rule without it leaves the parameters as they are; what it learns from the window later no
   * longer contains the observation.
   */
  unlearn?(evidence: Evidence): RuleReport
}
