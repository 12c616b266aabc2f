/**
 * What is made of e^x, two float64 lanes at a time: the operations of src/elementary.ts in the same order, so the bits and the accuracy
 * are the same. Constants come from memory, as in hyperbolic.ts.
 */

/** log₂ e; ln 2 in two parts; the number whose addition rounds to the nearest integer; −760; 1; ½; 1.5; 2; those that split numbers. */
const CONSTANTS: usize = memory.data<f64>([
  1.4426950408889634, 0.6931471803691238, 1.9082149292705877e-10, 6755399441055744, -760, 1, 0.5, 1.5, 2, 134217729, 201326592,
])
/** 1/13!, 1/12!, … 1/2!. */
const TAYLOR: usize = memory.data<f64>([
  1.0 / 6227020800.0, 1.0 / 479001600.0, 1.0 / 39916800.0, 1.0 / 3628800.0, 1.0 / 362880.0, 1.0 / 40320.0, 1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 1.0 / 2.0,
])
/** 2/35, 2/33, … 2/3. */
const ARTANH: usize = memory.data<f64>([
  2.0 / 35.0, 2.0 / 33.0, 2.0 / 31.0, 2.0 / 29.0, 2.0 / 27.0, 2.0 / 25.0, 2.0 / 23.0, 2.0 / 21.0, 2.0 / 19.0, 2.0 / 17.0, 2.0 / 15.0, 2.0 / 13.0, 2.0 / 11.0, 2.0 / 9.0, 2.0 / 7.0, 2.0 / 5.0, 2.0 / 3.0,
])

// @ts-ignore: decorator
@inline
function constant(index: usize): v128 {
  return v128.load_splat<f64>(CONSTANTS + (index << 3))
}

// @ts-ignore: decorator
@inline
function taylor(index: usize): v128 {
  return v128.load_splat<f64>(TAYLOR + (index << 3))
}

// @ts-ignore: decorator
@inline
function artanh(index: usize): v128 {
  return v128.load_splat<f64>(ARTANH + (index << 3))
}

// @ts-ignore: decorator
@inline
function one(): v128 {
  return constant(5)
}

/** −|x|, or −760, where e^x is 0 long since. */
// @ts-ignore: decorator
@inline
function boundedNegative(x: v128): v128 {
  return f64x2.pmax(f64x2.neg(f64x2.abs(x)), constant(4))
}

/** The multiple of ln 2 next to u, divided by ln 2. */
// @ts-ignore: decorator
@inline
function nearestPower(u: v128): v128 {
  return f64x2.sub(f64x2.add(f64x2.mul(u, constant(0)), constant(3)), constant(3))
}

/** e^(u − n ln 2) − 1. */
// @ts-ignore: decorator
@inline
function fraction(u: v128, n: v128): v128 {
  const r = f64x2.sub(f64x2.sub(u, f64x2.mul(n, constant(1))), f64x2.mul(n, constant(2)))
  const w = f64x2.mul(r, r)
  let even = taylor(1)
  even = f64x2.add(f64x2.mul(even, w), taylor(3))
  even = f64x2.add(f64x2.mul(even, w), taylor(5))
  even = f64x2.add(f64x2.mul(even, w), taylor(7))
  even = f64x2.add(f64x2.mul(even, w), taylor(9))
  even = f64x2.add(f64x2.mul(even, w), taylor(11))
  let odd = taylor(0)
  odd = f64x2.add(f64x2.mul(odd, w), taylor(2))
  odd = f64x2.add(f64x2.mul(odd, w), taylor(4))
  odd = f64x2.add(f64x2.mul(odd, w), taylor(6))
  odd = f64x2.add(f64x2.mul(odd, w), taylor(8))
  odd = f64x2.add(f64x2.mul(odd, w), taylor(10))
  return f64x2.add(r, f64x2.mul(w, f64x2.add(even, f64x2.mul(r, odd))))
}

/** 2^n for integers −1022 ≤ n ≤ 1023. */
// @ts-ignore: decorator
@inline
function powerOfTwo(n: v128): v128 {
  return i64x2.shl(i64x2.add(f64x2.add(n, constant(3)), i64x2.splat(1023)), 52)
}

/** The first of two factors of 2^n, which may have none of its own; the second is 2^(n − half). */
// @ts-ignore: decorator
@inline
function halfPower(n: v128): v128 {
  return f64x2.floor(f64x2.mul(n, constant(6)))
}

/** m times both factors of a power. */
// @ts-ignore: decorator
@inline
function scaled(m: v128, first: v128, second: v128): v128 {
  return f64x2.mul(f64x2.mul(m, first), second)
}

/** 1 / (1 + e^−x). */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  const u = boundedNegative(x)
  const n = nearestPower(u)
  const p = fraction(u, n)
  const m = f64x2.add(one(), p)
  const half = halfPower(n)
  const e = scaled(m, powerOfTwo(half), powerOfTwo(f64x2.sub(n, half)))
  const lost = f64x2.sub(p, f64x2.sub(m, one()))
  const negative = f64x2.lt(x, f64x2.splat(0))
  const correction = v128.and(f64x2.sub(lost, f64x2.mul(lost, p)), negative)
  return f64x2.div(v128.bitselect(e, one(), negative), f64x2.add(one(), f64x2.sub(e, correction)))
}

/** ln(1 + e^x), without overflow. */
// @ts-ignore: decorator
@inline
export function softplus(x: v128): v128 {
  const u = boundedNegative(x)
  const n = nearestPower(u)
  const p = fraction(u, n)
  const m = f64x2.add(one(), p)
  const half = halfPower(n)
  const first = powerOfTwo(half)
  const second = powerOfTwo(f64x2.sub(n, half))
  const z = scaled(m, first, second)
  const lost = scaled(f64x2.sub(p, f64x2.sub(m, one())), first, second)
  const s = f64x2.div(z, f64x2.add(constant(8), z))
  const w = f64x2.mul(s, s)
  let q = artanh(0)
  q = f64x2.add(f64x2.mul(q, w), artanh(1))
  q = f64x2.add(f64x2.mul(q, w), artanh(2))
  q = f64x2.add(f64x2.mul(q, w), artanh(3))
  q = f64x2.add(f64x2.mul(q, w), artanh(4))
  q = f64x2.add(f64x2.mul(q, w), artanh(5))
  q = f64x2.add(f64x2.mul(q, w), artanh(6))
  q = f64x2.add(f64x2.mul(q, w), artanh(7))
  q = f64x2.add(f64x2.mul(q, w), artanh(8))
  q = f64x2.add(f64x2.mul(q, w), artanh(9))
  q = f64x2.add(f64x2.mul(q, w), artanh(10))
  q = f64x2.add(f64x2.mul(q, w), artanh(11))
  q = f64x2.add(f64x2.mul(q, w), artanh(12))
  q = f64x2.add(f64x2.mul(q, w), artanh(13))
  q = f64x2.add(f64x2.mul(q, w), artanh(14))
  q = f64x2.add(f64x2.mul(q, w), artanh(15))
  q = f64x2.add(f64x2.mul(q, w), artanh(16))
  const tail = f64x2.sub(f64x2.mul(q, w), f64x2.mul(constant(7), lost))
  const log1p = f64x2.add(z, f64x2.sub(lost, f64x2.mul(s, f64x2.sub(z, tail))))
  return f64x2.add(f64x2.pmax(x, f64x2.splat(0)), log1p)
}

/** x / (1 + e^−x). */
// @ts-ignore: decorator
@inline
export function silu(x: v128): v128 {
  const u = boundedNegative(x)
  const n = nearestPower(u)
  const p = fraction(u, n)
  const m = f64x2.add(one(), p)
  const half = halfPower(n)
  const first = powerOfTwo(half)
  const second = powerOfTwo(f64x2.sub(n, half))
  const e = scaled(m, first, second)
  const bottom = f64x2.add(one(), e)
  const inverse = f64x2.sub(one(), f64x2.mul(e, f64x2.sub(one(), f64x2.mul(constant(6), e))))
  const lost = f64x2.mul(f64x2.sub(e, f64x2.sub(bottom, one())), inverse)
  // Below 0: the product of two numbers of 26 bits, and what it lacks.
  const q = f64x2.sub(f64x2.add(p, constant(10)), constant(10))
  const c = f64x2.mul(u, constant(9))
  const v = f64x2.sub(c, f64x2.sub(c, u))
  const product = f64x2.mul(v, f64x2.add(one(), q))
  const rest = f64x2.add(f64x2.mul(v, f64x2.sub(p, q)), f64x2.mul(f64x2.sub(u, v), m))
  const below = f64x2.add(product, f64x2.sub(rest, f64x2.mul(product, lost)))
  const above = f64x2.add(x, f64x2.mul(u, lost))
  const negative = f64x2.lt(x, f64x2.splat(0))
  const y = f64x2.div(v128.bitselect(below, above, negative), bottom)
  return v128.bitselect(scaled(y, first, second), y, negative)
}
