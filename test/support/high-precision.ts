/** Fixed-point arithmetic on BigInt, for references that no double computation can give. */

const BITS = 400n
const ONE = 1n << BITS

/** The exact value of a double (|x| ≥ 2^−300) as a fixed-point number. */
export function fromDouble(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, x)
  const bits = view.getBigUint64(0)
  const exponent = (bits >> 52n) & 0x7ffn
  const mantissa = (bits & 0xfffffffffffffn) | (exponent > 0n ? 1n << 52n : 0n)
  const shift = BITS + (exponent > 0n ? exponent : 1n) - 1075n
  const magnitude = shift >= 0n ? mantissa << shift : mantissa >> -shift
  return bits >> 63n ? -magnitude : magnitude
}

const multiply = (a: bigint, b: bigint) => (a * b) >> BITS
const divide = (a: bigint, b: bigint) => (a << BITS) / b

/** Σ terms, until they vanish. */
function series(first: bigint, next: (term: bigint, n: bigint) => bigint): bigint {
  let sum = 0n
  let term = first
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    sum += term
    term = next(term, n)
  }
  return sum
}

/** 2 artanh(s) for |s| < 1. */
function twiceArtanh(s: bigint): bigint {
  const square = multiply(s, s)
  let power = s
  return 2n * series(s, (_, n) => (power = multiply(power, square)) / (2n * n + 1n))
}

export const LN2 = twiceArtanh(divide(ONE, 3n * ONE))

/** e^x. */
export function expBig(x: bigint): bigint {
  const n = (x + LN2 / 2n) / LN2 - (x < -LN2 / 2n ? 1n : 0n)
  const r = x - n * LN2
  const e = series(ONE, (term, k) => multiply(term, r) / k)
  return n >= 0n ? e << n : e >> -n
}

/** ln x for x > 0. */
export function logBig(x: bigint): bigint {
  let k = 0n
  let m = x
  for (; m > (3n * ONE) / 2n; k++) m >>= 1n
  for (; m < (3n * ONE) / 4n; k--) m <<= 1n
  return k * LN2 + twiceArtanh(divide(m - ONE, m + ONE))
}

export const tanhBig = (x: bigint): bigint => {
  const e = expBig(2n * x)
  return divide(e - ONE, e + ONE)
}
export const sigmoidBig = (x: bigint): bigint => divide(ONE, ONE + expBig(-x))
export const softplusBig = (x: bigint): bigint => logBig(ONE + expBig(x))
export const siluBig = (x: bigint): bigint => multiply(x, sigmoidBig(x))

/** |actual − exact| in units in the last place of the double nearest to `exact`. */
export function ulpDistance(actual: number, exact: bigint): number {
  const magnitude = Math.abs(actual)
  const exponent = Math.max(Math.floor(Math.log2(magnitude)), -1022)
  const ulp = fromDouble(2 ** (exponent - 52))
  const difference = fromDouble(actual) - exact
  return Number((difference * 1000n) / ulp) / 1000
}
