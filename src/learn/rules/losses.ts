import { exp } from '../../elementary.js'
import { requireCount, requireOption } from '../../require-option.js'

/** A loss of one channel's residual e = ŷ − y, in the learner's units. */
export interface Loss {
  /** l(residual), where residual = prediction − value, in any unit. */
  value(residual: number, channel: number): number
  /** dl/dŷ. */
  slope(residual: number, channel: number): number
  /** What is learned along with the model: log variances. Default nothing. */
  readonly parameters?: Float64Array
  /** Adds scale · ∂l/∂parameters to out. */
  parameterSlope?(residual: number, channel: number, scale: number, out: Float64Array): void
}

/** e². */
export const squared: Loss = { value: e => e * e, slope: e => 2 * e }

/** |e|, whose slope at zero is zero. */
export const absolute: Loss = { value: e => Math.abs(e), slope: e => Math.sign(e) }

/** Huber's: e² up to |e| = δ, then 2δ|e| − δ², so that an outlier pulls no harder than δ. Default δ = 1. */
export function huber(delta = 1): Loss {
  requireOption('delta', delta, delta > 0, 'a positive number')
  return {
    value: e => (Math.abs(e) <= delta ? e * e : delta * (2 * Math.abs(e) - delta)),
    slope: e => 2 * Math.max(-delta, Math.min(delta, e)),
  }
}

const LOG_TWO_PI = 1.8378770664093453
/** Log variances beyond this are as good as it. */
const WIDEST = 20

/**
 * Gaussian negative log-likelihood ½(e² e^−s + s + ln 2π) with a log variance s learned for each channel.
 * @param beta Weighs the loss with σ^2β, taken as constant: 0 is the plain likelihood, in which a large variance swallows the
 * gradient of a bad fit; 1 gives the fit the gradient of squares. Default 0.
 * @see Seitzer et al. 2022, arXiv:2203.09168.
 */
export function gaussian(channels: number, beta = 0): Loss {
  requireCount('channels', channels)
  requireOption('beta', beta, beta >= 0 && beta <= 1, '0 to 1')
  const parameters = new Float64Array(channels)
  const logVariance = (channel: number) => Math.max(-WIDEST, Math.min(WIDEST, parameters[channel]!))
  const weight = (s: number) => (beta === 0 ? 1 : exp(beta * s))
  return {
    parameters,
    value(e, channel) {
      const s = logVariance(channel)
      return 0.5 * weight(s) * (e * e * exp(-s) + s + LOG_TWO_PI)
    },
    slope(e, channel) {
      const s = logVariance(channel)
      return weight(s) * e * exp(-s)
    },
    parameterSlope(e, channel, scale, out) {
      const s = logVariance(channel)
      out[channel]! += scale * 0.5 * weight(s) * (1 - e * e * exp(-s))
    },
  }
}
