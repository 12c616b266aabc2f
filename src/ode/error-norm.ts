/**
 * Root mean square of the local error in units of the tolerance atol + rtol · max(|z₀|, |z₁|), component by component.
 * At most 1 for an acceptable step; NaN when anything is.
 */
export function errorNorm(error: Float64Array, z0: Float64Array, z1: Float64Array, rtol: number, atol: number): number {
  let sum = 0
  for (let i = 0; i < error.length; i++) {
    const ratio = error[i]! / (atol + rtol * Math.max(Math.abs(z0[i]!), Math.abs(z1[i]!)))
    sum += ratio * ratio
  }
  return Math.sqrt(sum / error.length)
}
