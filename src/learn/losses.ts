/** A loss of one channel's residual e = ŷ − y, in the learner's units. */
export interface Loss {
  value(residual: number): number
  /** dl/dŷ. */
  slope(residual: number): number
}

/** e². */
export const squared: Loss = { value: e => e * e, slope: e => 2 * e }

/** Huber's: e² up to |e| = δ, then 2δ|e| − δ², so that an outlier pulls no harder than δ. Default δ = 1. */
export function huber(delta = 1): Loss {
  return {
    value: e => (Math.abs(e) <= delta ? e * e : delta * (2 * Math.abs(e) - delta)),
    slope: e => 2 * Math.max(-delta, Math.min(delta, e)),
  }
}
