/**
 * Elementary functions made of exactly rounded operations (+ − × ÷ √) only, so that every machine and every Node version
 * computes the same bits. ECMAScript leaves `Math.exp`, `Math.tanh`, `Math.sin` … to the implementation, and V8 has changed
 * some of them between versions.
 *
 * Accuracy on the whole finite range: `exp` and `log` 1.5 ulp, `tanh`, `sigmoid`, `softplus` and `silu` 2 ulp, `sin` and `cos` 1.5 ulp
 * of 1 for |x| ≤ 1e5. The largest errors found among a million arguments or more each, most where they are large: 0.94, 0.94, 1.80,
 * 1.74, 1.84, 1.73, 0.90 and 0.92. Kernels compute the same bits.
 * Reduction after Cody & Waite, "Software Manual for the Elementary Functions", 1980; series are Taylor's.
 */

const LOG2_E = 1.4426950408889634
/** ln 2 in two parts; the first has 33 significant bits, so n·LN2_HIGH is exact for |n| < 2^20. */
const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10
/** Adding and taking away 1.5 · 2^52 rounds to the nearest integer. */
const ROUND = 6755399441055744

/** v = SPLIT·u − (SPLIT·u − u) has 26 significant bits, SPLIT_FRACTION + p − SPLIT_FRACTION is p to 25 binary places. */
const SPLIT = 134217729
const SPLIT_FRACTION = 201326592

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

/** The multiple of ln 2 next to x, divided by ln 2; −0 may stand for 0. */
function nearestPower(x: number): number {
  return x * LOG2_E + ROUND - ROUND
}

/** x − n ln 2, where n is the nearest power of x. */
function reduced(x: number, n: number): number {
  return x - n * LN2_HIGH - n * LN2_LOW
}

/** m · 2^n for |n| ≤ 1200, rounded once. */
function scaled(m: number, n: number): number {
  const half = n >> 1
  return m * POWER_OF_TWO[half + 600]! * POWER_OF_TWO[n - half + 600]!
}

/** −|x|, or what has the same e^−|x| and |x| e^−|x|: both are 0 from here on. */
function boundedNegative(x: number): number {
  return x > 760 || x < -760 ? -760 : -Math.abs(x)
}

/** e^x − 1 for |x| ≤ ½ ln 2, in powers of x²: two short chains of operations are done at the same time. */
function expm1Halves(r: number): number {
  const w = r * r
  let even = 1 / 479001600
  even = even * w + 1 / 3628800
  even = even * w + 1 / 40320
  even = even * w + 1 / 720
  even = even * w + 1 / 24
  even = even * w + 1 / 2
  let odd = 1 / 6227020800
  odd = odd * w + 1 / 39916800
  odd = odd * w + 1 / 362880
  odd = odd * w + 1 / 5040
  odd = odd * w + 1 / 120
  odd = odd * w + 1 / 6
  return r + w * (even + r * odd)
}

/** e^x. Overflows to Infinity above 709.78, reaches 0 below −745.13. */
export function exp(x: number): number {
  if (!(x < 709.79)) return Number.isNaN(x) ? x : Infinity
  if (x < -745.14) return 0
  const n = nearestPower(x)
  return scaled(1 + expm1Reduced(reduced(x, n)), n)
}

/**
 * tanh x, odd bit for bit: N / (N + E) with N = 2^n·r + ½(2^n − 1)·E and E = R(r²) − r, where |x| = n·½ln 2 + r and R(r²) = r coth r;
 * R is minimax on r² ≤ ¼ln² 2. One division, no cancellation, one path for all x. The kernels compute the same bits.
 */
export function tanh(x: number): number {
  const a = Math.abs(x)
  const u = a < 22 ? a : 22
  const n = u * 2.8853900817779268 - 0.49999999999999994 + ROUND - ROUND // rounds u / ½ln 2 down
  const r = u - n * 0.34657359027997264
  const scale = POWER_OF_TWO[n + 600]!
  const w = r * r
  const w2 = w * w
  const p0 = 0.3333333333333281 - 0.022222222221376833 * w
  const p1 = 0.0021164020707501344 - 0.00021163907738118995 * w
  const p2 = 2.1363528020053274e-5 - 2.075702438326583e-6 * w
  const e = 1 + (p0 + w2 * (p1 + w2 * p2)) * w - r
  const top = scale * r + (scale / 2 - 0.5) * e
  const y = top / (top + e)
  return x > 0 ? y : x < 0 ? -y : x
}

/** 1 / (1 + e^−x). */
export function sigmoid(x: number): number {
  if (Number.isNaN(x)) return x
  const u = boundedNegative(x)
  const n = nearestPower(u)
  const p = expm1Halves(reduced(u, n))
  const m = 1 + p
  const e = scaled(m, n)
  if (x >= 0) return 1 / (1 + e)
  // What 1 + p lost, divided by m, which is nearly 1 / (1 − p); in the denominator, because there it costs no rounding.
  const lost = p - (m - 1)
  return e / (1 + (e - (lost - lost * p)))
}

/** ln(1 + e^x), without overflow. */
export function softplus(x: number): number {
  if (Number.isNaN(x)) return x
  const u = boundedNegative(x)
  const n = nearestPower(u)
  const p = expm1Halves(reduced(u, n))
  const m = 1 + p
  const z = scaled(m, n)
  const lost = scaled(p - (m - 1), n)
  // ln(1 + z) as 2 artanh(s); z − s·z is 2s without its rounding. 1 − 1.5 s is nearly 1 / (1 + z), by which `lost` counts.
  const s = z / (2 + z)
  return (x > 0 ? x : 0) + (z + (lost - s * (z - (artanhTail(s * s) - 1.5 * lost))))
}

/**
 * x / (1 + e^−x). Below 0 it is x e^x / (1 + e^x), with the product of numbers of 26 bits and a remainder: a rounded product would cost a
 * unit in the last place.
 */
export function silu(x: number): number {
  if (Number.isNaN(x)) return x
  const u = boundedNegative(x)
  const n = nearestPower(u)
  const p = expm1Halves(reduced(u, n))
  const m = 1 + p
  const e = scaled(m, n)
  const bottom = 1 + e
  // What `bottom` lost, divided by it: 1 − e + ½e² is nearly 1 / (1 + e).
  const lost = (e - (bottom - 1)) * (1 - e * (1 - 0.5 * e))
  if (x >= 0) return (x + u * lost) / bottom
  const q = p + SPLIT_FRACTION - SPLIT_FRACTION
  const c = u * SPLIT
  const v = c - (c - u)
  const product = v * (1 + q)
  return scaled((product + (v * (p - q) + (u - v) * m - product * lost)) / bottom, n)
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
