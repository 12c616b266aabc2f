/**
 * e^x and what is made of it, two float64 lanes at a time: the operations of src/elementary.ts in the same order, so the bits are the
 * same. Other accuracy than there: none.
 */

const LOG2_E: f64 = 1.4426950408889634
const LN2_HIGH: f64 = 0.6931471803691238
const LN2_LOW: f64 = 1.9082149292705877e-10
/** Adding and taking away 1.5 · 2^52 rounds to the nearest integer, which the low bits of the sum then hold. */
const ROUND: f64 = 6755399441055744

// @ts-ignore: decorator
@inline
function all(x: f64): v128 {
  return f64x2.splat(x)
}

/** e^x for x ≤ 0 (or NaN). */
// @ts-ignore: decorator
@inline
function expOfNegative(x: v128): v128 {
  const bounded = f64x2.pmax(x, all(-746))
  const n = f64x2.sub(f64x2.add(f64x2.mul(bounded, all(LOG2_E)), all(ROUND)), all(ROUND))
  const r = f64x2.sub(f64x2.sub(bounded, f64x2.mul(n, all(LN2_HIGH))), f64x2.mul(n, all(LN2_LOW)))
  let q = all(1.0 / 6227020800.0)
  q = f64x2.add(f64x2.mul(q, r), all(1.0 / 479001600.0))
  q = f64x2.add(f64x2.mul(q, r), all(1.0 / 39916800.0))
  q = f64x2.add(f64x2.mul(q, r), all(1.0 / 3628800.0))
  q = f64x2.add(f64x2.mul(q, r), all(1.0 / 362880.0))
  q = f64x2.add(f64x2.mul(q, r), all(1.0 / 40320.0))
  q = f64x2.add(f64x2.mul(q, r), all(1.0 / 5040.0))
  q = f64x2.add(f64x2.mul(q, r), all(1.0 / 720.0))
  q = f64x2.add(f64x2.mul(q, r), all(1.0 / 120.0))
  q = f64x2.add(f64x2.mul(q, r), all(1.0 / 24.0))
  q = f64x2.add(f64x2.mul(q, r), all(1.0 / 6.0))
  q = f64x2.add(f64x2.mul(q, r), all(1.0 / 2.0))
  const m = f64x2.add(all(1), f64x2.add(r, f64x2.mul(f64x2.mul(r, r), q)))
  // Two factors, because a subnormal result has none of its own.
  const half = f64x2.floor(f64x2.mul(n, all(0.5)))
  return f64x2.mul(f64x2.mul(m, powerOfTwo(half)), powerOfTwo(f64x2.sub(n, half)))
}

/** 2^n for integers −1022 ≤ n ≤ 1023. */
// @ts-ignore: decorator
@inline
function powerOfTwo(n: v128): v128 {
  return i64x2.shl(i64x2.add(f64x2.add(n, all(ROUND)), i64x2.splat(1023)), 52)
}

/** 1 / (1 + e^−x). */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  const e = expOfNegative(f64x2.neg(f64x2.abs(x)))
  const top = v128.bitselect(e, all(1), f64x2.lt(x, all(0)))
  return f64x2.div(top, f64x2.add(all(1), e))
}

/** ln(1 + e^x), without overflow. */
// @ts-ignore: decorator
@inline
export function softplus(x: v128): v128 {
  const z = expOfNegative(f64x2.neg(f64x2.abs(x)))
  const s = f64x2.div(z, f64x2.add(all(2), z))
  const w = f64x2.mul(s, s)
  let q = all(2.0 / 35.0)
  q = f64x2.add(f64x2.mul(q, w), all(2.0 / 33.0))
  q = f64x2.add(f64x2.mul(q, w), all(2.0 / 31.0))
  q = f64x2.add(f64x2.mul(q, w), all(2.0 / 29.0))
  q = f64x2.add(f64x2.mul(q, w), all(2.0 / 27.0))
  q = f64x2.add(f64x2.mul(q, w), all(2.0 / 25.0))
  q = f64x2.add(f64x2.mul(q, w), all(2.0 / 23.0))
  q = f64x2.add(f64x2.mul(q, w), all(2.0 / 21.0))
  q = f64x2.add(f64x2.mul(q, w), all(2.0 / 19.0))
  q = f64x2.add(f64x2.mul(q, w), all(2.0 / 17.0))
  q = f64x2.add(f64x2.mul(q, w), all(2.0 / 15.0))
  q = f64x2.add(f64x2.mul(q, w), all(2.0 / 13.0))
  q = f64x2.add(f64x2.mul(q, w), all(2.0 / 11.0))
  q = f64x2.add(f64x2.mul(q, w), all(2.0 / 9.0))
  q = f64x2.add(f64x2.mul(q, w), all(2.0 / 7.0))
  q = f64x2.add(f64x2.mul(q, w), all(2.0 / 5.0))
  q = f64x2.add(f64x2.mul(q, w), all(2.0 / 3.0))
  const log1p = f64x2.sub(z, f64x2.mul(s, f64x2.sub(z, f64x2.mul(q, w))))
  return f64x2.add(v128.bitselect(x, all(0), f64x2.gt(x, all(0))), log1p)
}
