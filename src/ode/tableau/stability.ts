/**
 * How far a method is stable on the negative real axis: the largest x such that |R(−y)| ≤ 1 for all y ≤ x, with the
 * stability function R(z) = 1 + z bᵀ(I − zA)⁻¹ 𝟏. To 1e-6; Infinity when it is stable up to 1000.
 * @see Hairer & Wanner, "Solving Ordinary Differential Equations II", IV.2.
 */
export function stabilityInterval(a: readonly (readonly number[])[], b: readonly number[]): number {
  const stable = (x: number) => Math.abs(stability(-x, a, b)) <= 1 + 1e-9
  let [low, high] = [0, STEP]
  while (stable(high)) {
    if (high > 1000) return Number.POSITIVE_INFINITY
    low = high
    high += Math.max(STEP, high / 20)
  }
  while (high - low > 1e-6) {
    const middle = (low + high) / 2
    if (stable(middle)) low = middle
    else high = middle
  }
  return low
}

/** Finer than any gap in the intervals of methods in use. */
const STEP = 0.05

/** R(z), the stages one after another. */
function stability(z: number, a: readonly (readonly number[])[], b: readonly number[]): number {
  const slopes: number[] = []
  a.forEach((row, s) => {
    const state = slopes.reduce((sum, slope, j) => sum + z * row[j]! * slope, 1)
    slopes.push(state / (1 - z * row[s]!))
  })
  return slopes.reduce((sum, slope, s) => sum + z * b[s]! * slope, 1)
}
