/**
 * out = z + h Σ_{j<count} coefficients[offset + j] · slopes[j]. A slope with coefficient 0 is not read.
 * @param out Another array than z and the slopes.
 */
export function combine(
  z: Float64Array,
  h: number,
  coefficients: Float64Array,
  offset: number,
  count: number,
  slopes: readonly Float64Array[],
  out: Float64Array,
): void {
  const d = out.length
  out.fill(0)
  for (let j = 0; j < count; j++) {
    const weight = coefficients[offset + j]!
    if (weight === 0) continue
    const slope = slopes[j]!
    for (let i = 0; i < d; i++) out[i]! += weight * slope[i]!
  }
  for (let i = 0; i < d; i++) out[i] = z[i]! + h * out[i]!
}
