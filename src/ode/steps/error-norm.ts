/**
 * Root mean square of the local error in units of the tolerance atol + rtol · max(|z₀|, |z₁|), component by component.
 * At most 1 for an acceptable step; NaN when anything is.
 * @param count Components that enter, from the first; default all. Leaving out quadratures is the seminorm of
 * Kidger et al. 2021, arXiv:2009.09457.
 */
export function errorNorm(
  error: Float64Array,
  z0: Float64Array,
  z1: Float64Array,
  rtol: number,
  atol: number,
  count = error.length,
): number {
  let sum = 0
  for (let i = 0; i < count; i++) {
    const ratio = error[i]! / (atol + rtol * Math.max(Math.abs(z0[i]!), Math.abs(z1[i]!)))
    sum += ratio * ratio
  }
  return Math.sqrt(sum / count)
}
