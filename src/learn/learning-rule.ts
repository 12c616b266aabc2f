import type { Sweep } from '../adjoint/sweep.js'

/** The outcome of one update; `rejected` says why nothing has changed. */
export interface RuleReport {
  /** ‖∂loss/∂θ‖₂. */
  readonly gradientNorm: number
  readonly rejected?: string
}

/**
 * How a learner turns a forward sweep into an update of the parameters. The last observation of the sweep is the new one.
 * An update that went wrong changes nothing: not parameters, not moments, not counters.
 */
export interface LearningRule {
  /** Predictive variance of each channel, in squared units of the learner; valid after `assess`. */
  readonly variance: Float64Array
  /** R: the noise of each channel that the model cannot learn, in squared units of the learner. */
  readonly noise: Float64Array
  /** Everything besides the parameters that must be stored to go on exactly: name → array, written in place on restore. */
  readonly state: Readonly<Record<string, Float64Array>>
  /** Looks at the prediction of the last observation before its value is used. */
  assess(sweep: Sweep, last: number): void
  /** Variance of a prediction with this sensitivity ∂ŷ/∂θ that the uncertainty of the parameters makes. */
  explained(sensitivity: Float64Array): number
  /** Learns from the values; missing channels are NaN. */
  learn(sweep: Sweep, last: number): RuleReport
}
