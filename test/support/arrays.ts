/** n numbers of a function, as the engine wants them. */
export function array(n: number, value: (i: number) => number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => value(i))
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

export function largest(v: ArrayLike<number>): number {
  return Array.from(v).reduce((most, x) => Math.max(most, Math.abs(x)), 0)
}

/** max |actual − expected| / max |expected|: the error of a whole vector, so that entries near zero do not decide. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) throw new Error(`${actual.length} numbers beside ${expected.length}`)
  const difference = Array.from(actual, (x, i) => x - expected[i]!)
  if (difference.some(Number.isNaN)) return Number.NaN
  return largest(difference) / (largest(expected) || 1)
}

/** The bits of a vector as text, so that −0, NaN and the last digit count. */
export function bits(v: ArrayLike<number>): string {
  return Buffer.from(Float64Array.from(v).buffer).toString('hex')
}
