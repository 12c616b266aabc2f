/** Euclidean norm, of whatever size: squares neither overflow nor vanish. NaN and Infinity stay visible. */
export function norm(v: Float64Array): number {
  let sum = 0
  for (let i = 0; i < v.length; i++) sum += v[i]! * v[i]!
  return sum > SMALLEST && sum < LARGEST ? Math.sqrt(sum) : scaledNorm(v)
}

/** Between these, no square that matters has lost digits. */
const [SMALLEST, LARGEST] = [1e-280, 1e300]

function scaledNorm(v: Float64Array): number {
  let largest = 0
  for (let i = 0; i < v.length; i++) {
    const magnitude = Math.abs(v[i]!)
    if (Number.isNaN(magnitude)) return magnitude
    if (magnitude > largest) largest = magnitude
  }
  if (largest === 0 || !(largest < Infinity)) return largest
  let sum = 0
  for (let i = 0; i < v.length; i++) sum += (v[i]! / largest) ** 2
  return largest * Math.sqrt(sum)
}

/** Shortens v to at most `limit` and returns its norm before that. @see Pascanu et al. 2013, arXiv:1211.5063. */
export function clipNorm(v: Float64Array, limit: number): number {
  const length = norm(v)
  if (length > limit) for (let i = 0; i < v.length; i++) v[i]! *= limit / length
  return length
}
