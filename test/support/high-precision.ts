/** Fixed-point arithmetic on BigInt, for references that no double computation can give. */

/** Enough for the smallest double and 200 bits behind it. */
const BITS = 1280n
const ONE = 1n << BITS

/** The exact value of a finite double as a fixed-point number. */
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

/** arctan(1/n), by Gregory's series. */
function arctanOfInverse(n: bigint): bigint {
  let power = ONE / n
  return series(power, (_, k) => (power = power / (-n * n)) / (2n * k + 1n))
}

/** π, by Machin's formula. */
export const PI = 16n * arctanOfInverse(5n) - 4n * arctanOfInverse(239n)

/** sin x. */
export function sinBig(x: bigint): bigint {
  const turns = (2n * x + PI) / (2n * PI) - (2n * x < -PI ? 1n : 0n)
  const r = x - turns * PI
  const square = multiply(r, r)
  const y = series(r, (term, k) => -multiply(term, square) / (2n * k * (2n * k + 1n)))
  return turns % 2n === 0n ? y : -y
}

export const cosBig = (x: bigint): bigint => sinBig(x + PI / 2n)

/** The unit in the last place of a double. */
export function ulpOf(x: number): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, x)
  const exponent = (view.getUint32(0) >> 20) & 0x7ff
  return 2 ** (Math.max(exponent, 1) - 1075)
}

/** |actual − exact| in units in the last place of `actual`, or in `unit` where one is given. */
export function ulpDistance(actual: number, exact: bigint, unit = ulpOf(actual)): number {
  const difference = fromDouble(actual) - exact
  const magnitude = difference < 0n ? -difference : difference
  return Number((magnitude * 1000n) / fromDouble(unit)) / 1000
}
