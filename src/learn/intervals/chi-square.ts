import { exp, log, softplus } from '../../elementary.js'

/**
 * −log₁₀ of the probability that a χ² variable with k degrees of freedom exceeds x. Exact to about 1e-10 relative, also where
 * the probability itself would underflow.
 */
export function surprise(x: number, k: number): number {
  const finite = Math.min(x, Number.MAX_VALUE)
  return Math.max(0, (finite / 2 - logScaledTail(finite, k)) / Math.LN10) + 0
}

/**
 * ln q_k, where the probability is e^(−x/2) · q_k and q_{k+2} = q_k + (x/2)^{k/2} / Γ(k/2 + 1), from q_1 = erfcx(√(x/2)) or
 * q_2 = 1. By Horner's rule in logarithms: the terms overflow long before the result does.
 */
function logScaledTail(x: number, k: number): number {
  const odd = k % 2 === 1
  let sum = 0
  for (let n = k - 2; n > (odd ? 1 : 0); n -= 2) sum = softplus(log(x / n) + sum)
  if (!odd) return sum
  const root = Math.sqrt(x / 2)
  const first = log(scaledErfc(root))
  return k === 1 ? first : first + softplus(log((2 * root) / Math.sqrt(Math.PI)) + sum - first)
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
