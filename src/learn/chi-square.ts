import { exp, log } from '../elementary.js'

/**
 * −log₁₀ of the probability that a χ² variable with k degrees of freedom exceeds x. Exact to about 1e-10 relative, also where
 * the probability itself would underflow.
 */
export function surprise(x: number, k: number): number {
  const half = x / 2
  // Q_k = e^(−x/2) · q_k with q_{k+2} = q_k + (x/2)^{k/2} / Γ(k/2 + 1), from q_1 = erfcx(√(x/2)) or q_2 = 1.
  let q = k % 2 === 1 ? scaledErfc(Math.sqrt(half)) : 1
  let term = k % 2 === 1 ? (2 * Math.sqrt(half)) / Math.sqrt(Math.PI) : half
  for (let n = k % 2 === 1 ? 1 : 2; n < k; n += 2) {
    q += term
    term *= half / (n / 2 + 1)
  }
  return Math.max(0, (half - log(q)) / Math.LN10) + 0
}

/** e^{s²} erfc(s) for s ≥ 0. @see Abramowitz & Stegun 7.1.6 and 7.1.14. */
function scaledErfc(s: number): number {
  if (s < 2.5) {
    let sum = s
    for (let n = 1, term = s; term > 1e-17 * sum; n++) {
      term *= (2 * s * s) / (2 * n + 1)
      sum += term
    }
    return exp(s * s) - (2 / Math.sqrt(Math.PI)) * sum
  }
  let fraction = s
  for (let n = 60; n >= 1; n--) fraction = s + n / 2 / fraction
  return 1 / (Math.sqrt(Math.PI) * fraction)
}
