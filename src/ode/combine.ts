/** out = z + h Σ_{j<count} coefficients[offset + j] · slopes[j]. */
export function combine(
  z: Float64Array,
  h: number,
  coefficients: Float64Array,
  offset: number,
  count: number,
  slopes: readonly Float64Array[],
  out: Float64Array,
): void {
  for (let i = 0; i < out.length; i++) {
    let sum = 0
    for (let j = 0; j < count; j++) sum += coefficients[offset + j]! * slopes[j]![i]!
    out[i] = z[i]! + h * sum
  }
}
