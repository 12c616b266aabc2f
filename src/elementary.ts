/**
 * Elementary functions made of exactly rounded operations (+ − × ÷ √) only, so that every machine and every Node version
 * computes the same bits. ECMAScript leaves `Math.exp`, `Math.tanh`, `Math.sin` … to the implementation, and V8 has changed
 * some of them between versions.
 *
 * Accuracy on the whole finite range: `exp` and `log` 1.5 ulp, `tanh`, `sigmoid` and `softplus` 2.5 ulp, `sin` and `cos` 1.5 ulp of 1
 * for |x| ≤ 1e5. The largest errors found among some ten million arguments each, most where they are large: 0.94, 0.94, 2.26, 2.40,
 * 2.19, 0.90 and 0.92.
 * Reduction after Cody & Waite, "Software Manual for the Elementary Functions", 1980; series are Taylor's.
 */

const LOG2_E = 1.4426950408889634
/** ln 2 in two parts; the first has 33 significant bits, so n·LN2_HIGH is exact for |n| < 2^20. */
const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10
/** Adding and taking away 1.5 · 2^52 rounds to the nearest integer. */
const ROUND = 6755399441055744

/** 2^k for k = −600 … 600: twice two such factors reach every double, subnormal ones included. */
const POWER_OF_TWO = Float64Array.from({ length: 1201 }, (_, i) => 2 ** (i - 600))

/** e^x − 1 for |x| ≤ ½ ln 2. */
function expm1Reduced(r: number): number {
  let q = 1 / 6227020800
  q = q * r + 1 / 479001600
  q = q * r + 1 / 39916800
  q = q * r + 1 / 3628800
  q = q * r + 1 / 362880
  q = q * r + 1 / 40320
  q = q * r + 1 / 5040
  q = q * r + 1 / 720
  q = q * r + 1 / 120
  q = q * r + 1 / 24
  q = q * r + 1 / 6
  q = q * r + 1 / 2
  return r + r * r * q
}

/** e^x. Overflows to Infinity above 709.78, reaches 0 below −745.13. */
export function exp(x: number): number {
  if (!(x < 709.79)) return Number.isNaN(x) ? x : Infinity
  if (x < -745.14) return 0
  const n = x * LOG2_E + ROUND - ROUND
  const m = 1 + expm1Reduced(x - n * LN2_HIGH - n * LN2_LOW)
  const half = n >> 1
  return m * POWER_OF_TWO[half + 600]! * POWER_OF_TWO[n - half + 600]!
}

/** tanh x = E / (E + 2) with E = e^{2|x|} − 1: one path for all x, so that SIMD lanes need no branch. */
export function tanh(x: number): number {
  const a = Math.abs(x)
  const u = a < 22 ? a + a : 44
  const n = u * LOG2_E + ROUND - ROUND
  const scale = POWER_OF_TWO[n + 600]!
  const e = expm1Reduced(u - n * LN2_HIGH - n * LN2_LOW) * scale + (scale - 1)
  const q = e / (e + 2)
  const h = e / 2
  const y = e < 1 ? h - h * q : q // the first form keeps the rounding of q away from small results
  return Number.isNaN(x) ? x : x < 0 ? -y : y
}

/** 1 / (1 + e^−x). */
export function sigmoid(x: number): number {
  const e = exp(-Math.abs(x))
  return (x < 0 ? e : 1) / (1 + e)
}

/** ln(1 + e^x), without overflow. */
export function softplus(x: number): number {
  return (x > 0 ? x : 0) + log1pOfUnit(exp(-Math.abs(x)))
}

/** ln(1 + z) for 0 ≤ z ≤ 1, as 2 artanh(s) with s = z / (2 + z); z − s·z is 2s without its rounding. */
function log1pOfUnit(z: number): number {
  const s = z / (2 + z)
  return z - s * (z - artanhTail(s * s))
}

/** (2 artanh(s) − 2s) / s in powers of w = s², for s ≤ 1/3. */
function artanhTail(w: number): number {
  let q = 2 / 35
  q = q * w + 2 / 33
  q = q * w + 2 / 31
  q = q * w + 2 / 29
  q = q * w + 2 / 27
  q = q * w + 2 / 25
  q = q * w + 2 / 23
  q = q * w + 2 / 21
  q = q * w + 2 / 19
  q = q * w + 2 / 17
  q = q * w + 2 / 15
  q = q * w + 2 / 13
  q = q * w + 2 / 11
  q = q * w + 2 / 9
  q = q * w + 2 / 7
  q = q * w + 2 / 5
  q = q * w + 2 / 3
  return q * w
}

const word = new DataView(new ArrayBuffer(8))

/** Natural logarithm. NaN below 0, −Infinity at 0. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : Number.NaN
  if (x === Infinity) return x
  let k = 0
  let m = x
  if (m < 2.2250738585072014e-308) {
    m *= 18014398509481984 // 2^54: subnormal numbers have no exponent of their own
    k = -54
  }
  word.setFloat64(0, m)
  const high = word.getInt32(0)
  k += (high >> 20) - 1023
  word.setInt32(0, (high & 0xfffff) | 0x3ff00000)
  m = word.getFloat64(0)
  if (m > Math.SQRT2) {
    m /= 2
    k++
  }
  const f = m - 1
  const s = f / (2 + f)
  return k * LN2_HIGH + (f - (s * (f - artanhTail(s * s)) - k * LN2_LOW))
}

/** x^y for x ≥ 0, as e^{y ln x}: relative error about |y ln x| · 2e-16, enough for step control. */
export function power(x: number, y: number): number {
  return x === 0 ? (y === 0 ? 1 : 0) : exp(y * log(x))
}

/** π/2 in three parts of 33 bits: n times the first two is exact for |n| < 2^20. */
const HALF_PI = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21] as const
const TWO_OVER_PI = 0.6366197723675814

/** sin(x + quadrant·π/2), for |x| ≤ 1e5. */
function sineOfQuadrant(x: number, quadrant: number): number {
  const n = x * TWO_OVER_PI + ROUND - ROUND
  const r = x - n * HALF_PI[0] - n * HALF_PI[1] - n * HALF_PI[2]
  const turn = (n + quadrant) & 3
  const y = turn & 1 ? cosReduced(r * r) : r + r * sinTail(r * r)
  return turn & 2 ? -y : y
}

function sinTail(w: number): number {
  let q = -1 / 1307674368000
  q = q * w + 1 / 6227020800
  q = q * w - 1 / 39916800
  q = q * w + 1 / 362880
  q = q * w - 1 / 5040
  q = q * w + 1 / 120
  return (q * w - 1 / 6) * w
}

function cosReduced(w: number): number {
  let q = 1 / 20922789888000
  q = q * w - 1 / 87178291200
  q = q * w + 1 / 479001600
  q = q * w - 1 / 3628800
  q = q * w + 1 / 40320
  q = q * w - 1 / 720
  q = q * w + 1 / 24
  return 1 - w / 2 + q * w * w
}

/** sin x, radians; |x| ≤ 1e5. */
export function sin(x: number): number {
  return sineOfQuadrant(x, 0)
}

/** cos x, radians; |x| ≤ 1e5. */
export function cos(x: number): number {
  return sineOfQuadrant(x, 1)
}
