/** e^x and ln x of one float64: the operations of src/elementary.ts in the same order, so the bits are the same. */

const LOG2_E: f64 = 1.4426950408889634
const LN2_HIGH: f64 = 0.6931471803691238
const LN2_LOW: f64 = 1.9082149292705877e-10
/** Adding and taking away 1.5 · 2^52 rounds to the nearest integer. */
const ROUND: f64 = 6755399441055744
const SQRT2: f64 = 1.4142135623730951

/** 2^k for −1022 ≤ k ≤ 1023. */
// @ts-ignore: decorator
@inline
function powerOfTwo(k: i64): f64 {
  return reinterpret<f64>((k + 1023) << 52)
}

export function exp(x: f64): f64 {
  if (!(x < 709.79)) return isNaN(x) ? x : Infinity
  if (x < -745.14) return 0
  const n = x * LOG2_E + ROUND - ROUND
  const r = x - n * LN2_HIGH - n * LN2_LOW
  let q: f64 = 1.0 / 6227020800.0
  q = q * r + 1.0 / 479001600.0
  q = q * r + 1.0 / 39916800.0
  q = q * r + 1.0 / 3628800.0
  q = q * r + 1.0 / 362880.0
  q = q * r + 1.0 / 40320.0
  q = q * r + 1.0 / 5040.0
  q = q * r + 1.0 / 720.0
  q = q * r + 1.0 / 120.0
  q = q * r + 1.0 / 24.0
  q = q * r + 1.0 / 6.0
  q = q * r + 1.0 / 2.0
  const m = 1 + (r + r * r * q)
  const whole = <i64>n
  const half = whole >> 1
  return m * powerOfTwo(half) * powerOfTwo(whole - half)
}

/** ln x for x > 0, finite and not subnormal: errors are bounded before their logarithm is taken. */
export function log(x: f64): f64 {
  const bits = reinterpret<i64>(x)
  let k = <i32>(bits >> 52) - 1023
  let m = reinterpret<f64>((bits & 0xfffffffffffff) | 0x3ff0000000000000)
  if (m > SQRT2) {
    m /= 2
    k++
  }
  const f = m - 1
  const s = f / (2 + f)
  const w = s * s
  let q: f64 = 2.0 / 35.0
  q = q * w + 2.0 / 33.0
  q = q * w + 2.0 / 31.0
  q = q * w + 2.0 / 29.0
  q = q * w + 2.0 / 27.0
  q = q * w + 2.0 / 25.0
  q = q * w + 2.0 / 23.0
  q = q * w + 2.0 / 21.0
  q = q * w + 2.0 / 19.0
  q = q * w + 2.0 / 17.0
  q = q * w + 2.0 / 15.0
  q = q * w + 2.0 / 13.0
  q = q * w + 2.0 / 11.0
  q = q * w + 2.0 / 9.0
  q = q * w + 2.0 / 7.0
  q = q * w + 2.0 / 5.0
  q = q * w + 2.0 / 3.0
  return k * LN2_HIGH + (f - (s * (f - q * w) - k * LN2_LOW))
}
