/**
 * tanh x = N / (N + E) with N = 2^n·r + ½(2^n − 1)·E and E = R(r²) − r, where |x| = n·½ln 2 + r, 0 ≤ r < ½ln 2, and R(r²) = r coth r,
 * so that e^2r − 1 = 2r/E. One division, no cancellation, one path for all x. Coefficients of R: minimax on r² ≤ ¼ln² 2.
 *
 * Constants come from memory: V8 makes those of the code anew at every use, which took half of the time. Those of float64 are read
 * once for a chunk and stay in registers.
 */

/**
 * Bound; 2/ln 2; hardly less than ½, so that 0 is rounded to 0; the number whose low bits hold what is added to it, with the bias of an
 * exponent; ½ln 2, whose rounding is not felt: large n makes it small against tanh' x; R from its highest power on; ½.
 */
const F64: usize = memory.data<f64>([
  22, 2.8853900817779268, 0.49999999999999994, 6755399441056767, 0.34657359027997264, -2.075702438326583e-06, 2.1363528020053274e-05, -0.00021163907738118995, 0.0021164020707501344, -0.022222222221376833, 0.3333333333333281, 1, 0.5,
])
/** What is left of −0: the sign. */
const SIGN: usize = memory.data<f64>([-0.0])

// @ts-ignore: decorator
@inline
function f64Constant(offset: usize): v128 {
  return v128.load_splat<f64>(F64 + offset)
}

/** Vectors of a chunk, and room for r and 2^n of each. */
const CHUNK: i32 = 16
const R: usize = memory.data(256, 16)
const SCALE: usize = memory.data(256, 16)

/**
 * tanh of float64 numbers in place, at most 2 ulp. In two passes over a few vectors each: the processor looks ahead only so far, and
 * a short pass lets it work on more vectors at the same time.
 */
export function tanhF64(x: usize, vectors: i32): void {
  for (; vectors > 0; vectors -= CHUNK, x += <usize>CHUNK << 4) {
    const end = <usize>min(vectors, CHUNK) << 4
    reduceF64(x, end)
    quotientF64(x, end)
  }
}

// @ts-ignore: decorator
@inline
function reduceF64(x: usize, end: usize): void {
  const bound = f64Constant(0), rate = f64Constant(8), down = f64Constant(16), shift = f64Constant(24), part = f64Constant(32)
  for (let at: usize = 0; at < end; at += 16) {
    const u = f64x2.pmin(f64x2.abs(v128.load(x + at)), bound)
    // Rounding down, but for a hair that does not matter.
    const bits = f64x2.add(f64x2.sub(f64x2.mul(u, rate), down), shift)
    const n = f64x2.sub(bits, shift)
    v128.store(R + at, f64x2.sub(u, f64x2.mul(n, part)))
    v128.store(SCALE + at, i64x2.shl(bits, 52))
  }
}

// @ts-ignore: decorator
@inline
function quotientF64(x: usize, end: usize): void {
  const c0 = f64Constant(40), c1 = f64Constant(48), c2 = f64Constant(56), c3 = f64Constant(64)
  const c4 = f64Constant(72), c5 = f64Constant(80), one = f64Constant(88), half = f64Constant(96)
  for (let at: usize = 0; at < end; at += 16) {
    const r = v128.load(R + at)
    const scale = v128.load(SCALE + at)
    const w = f64x2.mul(r, r)
    // Pairs of terms at once: a shorter chain than Horner's.
    const w2 = f64x2.mul(w, w)
    const p0 = f64x2.add(c5, f64x2.mul(c4, w))
    const p1 = f64x2.add(c3, f64x2.mul(c2, w))
    const p2 = f64x2.add(c1, f64x2.mul(c0, w))
    const p = f64x2.add(p0, f64x2.mul(w2, f64x2.add(p1, f64x2.mul(w2, p2))))
    const e = f64x2.sub(f64x2.add(one, f64x2.mul(p, w)), r)
    const top = f64x2.add(f64x2.mul(scale, r), f64x2.mul(f64x2.sub(f64x2.mul(scale, half), half), e))
    v128.store(x + at, v128.or(f64x2.div(top, f64x2.add(top, e)), v128.and(v128.load(x + at), v128.load_splat<f64>(SIGN))))
  }
}

const F32: usize = memory.data<f32>([
  10, 2.88539, 0.49999997, 12583039, 0.3466796875, -0.00010609722, 0.0020683802955072, -0.02221889808528, 0.333333267758, 1, 0.5,
])
const SIGN32: usize = memory.data<f32>([-0.0])

// @ts-ignore: decorator
@inline
function f32Constant(offset: usize): v128 {
  return v128.load_splat<f32>(F32 + offset)
}

/** tanh of float32 numbers in place, at most 3 ulp. */
export function tanhF32(x: usize, vectors: i32): void {
  for (; vectors > 0; vectors -= CHUNK, x += <usize>CHUNK << 4) {
    const end = <usize>min(vectors, CHUNK) << 4
    for (let at: usize = 0; at < end; at += 16) reduceF32(v128.load(x + at), at)
    for (let at: usize = 0; at < end; at += 16) v128.store(x + at, quotientF32(v128.load(x + at), at))
  }
}

// @ts-ignore: decorator
@inline
function reduceF32(x: v128, at: usize): void {
  const u = f32x4.pmin(f32x4.abs(x), f32Constant(0))
  const bits = f32x4.add(f32x4.sub(f32x4.mul(u, f32Constant(4)), f32Constant(8)), f32Constant(12))
  const n = f32x4.sub(bits, f32Constant(12))
  // ½ln 2 in two parts, the first of 10 bits.
  v128.store(R + at, f32x4.sub(f32x4.sub(u, f32x4.mul(n, f32Constant(16))), f32x4.mul(n, f32Constant(20))))
  v128.store(SCALE + at, i32x4.shl(bits, 23))
}

// @ts-ignore: decorator
@inline
function quotientF32(x: v128, at: usize): v128 {
  const r = v128.load(R + at)
  const scale = v128.load(SCALE + at)
  const w = f32x4.mul(r, r)
  let p = f32Constant(24)
  p = f32x4.add(f32x4.mul(p, w), f32Constant(28))
  p = f32x4.add(f32x4.mul(p, w), f32Constant(32))
  const e = f32x4.sub(f32x4.add(f32Constant(36), f32x4.mul(p, w)), r)
  const half = f32Constant(40)
  const top = f32x4.add(f32x4.mul(scale, r), f32x4.mul(f32x4.sub(f32x4.mul(scale, half), half), e))
  return v128.or(f32x4.div(top, f32x4.add(top, e)), v128.and(x, v128.load_splat<f32>(SIGN32)))
}
