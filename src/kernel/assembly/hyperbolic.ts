/**
 * tanh x = N / (N + 2D) with N = 2·2^n·r + (2^n − 1)·D and D = R(r²) − r, where 2|x| = n ln 2 + r, 0 ≤ r < ln 2, and R(r²) = r coth(r/2),
 * so that e^r − 1 = 2r/D. One division, no cancellation, one path for all x. Coefficients of R: minimax on r² ≤ ln² 2.
 *
 * Constants come from memory: V8 makes those of the code anew at every use, which took half of the time.
 */

const F64: usize = memory.data<f64>([
  44, 1.4426950408889634, 0.5, 6755399441055744, 0.6931471803691238, 1.9082149292705877e-10, -1.01352658121415189e-9, 4.17256406641665503e-8, -1.653430292040546453e-6, 0.00006613756471094169265, -0.002777777777672104253, 0.1666666666666640595, 2, 1,
])

// @ts-ignore: decorator
@inline
function f64Constant(offset: usize): v128 {
  return v128.load_splat<f64>(F64 + offset)
}

/** Vectors of a chunk, and room for r and 2^n of each. */
const CHUNK: i32 = 8
const R: usize = memory.data(128, 16)
const SCALE: usize = memory.data(128, 16)

/**
 * tanh of float64 numbers in place, at most 2 ulp. In two passes over a few vectors each: the processor looks ahead only so far, and
 * a short pass lets it work on more vectors at the same time.
 */
export function tanhF64(x: usize, vectors: i32): void {
  for (; vectors > 0; vectors -= CHUNK, x += <usize>CHUNK << 4) {
    const end = <usize>min(vectors, CHUNK) << 4
    for (let at: usize = 0; at < end; at += 16) reduceF64(v128.load(x + at), at)
    for (let at: usize = 0; at < end; at += 16) v128.store(x + at, quotientF64(v128.load(x + at), at))
  }
}

// @ts-ignore: decorator
@inline
function reduceF64(x: v128, at: usize): void {
  const magnitude = f64x2.abs(x)
  const u = f64x2.pmin(f64x2.add(magnitude, magnitude), f64Constant(0))
  // Rounding down, but for a hair that does not matter.
  const bits = f64x2.add(f64x2.sub(f64x2.mul(u, f64Constant(8)), f64Constant(16)), f64Constant(24))
  const n = f64x2.sub(bits, f64Constant(24))
  const r = f64x2.sub(f64x2.sub(u, f64x2.mul(n, f64Constant(32))), f64x2.mul(n, f64Constant(40)))
  v128.store(R + at, r)
  v128.store(SCALE + at, i64x2.shl(i64x2.add(bits, i64x2.splat(1023)), 52))
}

// @ts-ignore: decorator
@inline
function quotientF64(x: v128, at: usize): v128 {
  const r = v128.load(R + at)
  const scale = v128.load(SCALE + at)
  const w = f64x2.mul(r, r)
  // Pairs of terms at once: a shorter chain than Horner's.
  const w2 = f64x2.mul(w, w)
  const p0 = f64x2.add(f64Constant(88), f64x2.mul(f64Constant(80), w))
  const p1 = f64x2.add(f64Constant(72), f64x2.mul(f64Constant(64), w))
  const p2 = f64x2.add(f64Constant(56), f64x2.mul(f64Constant(48), w))
  const p = f64x2.add(p0, f64x2.mul(w2, f64x2.add(p1, f64x2.mul(w2, p2))))
  const d = f64x2.sub(f64x2.add(f64Constant(96), f64x2.mul(p, w)), r)
  const top = f64x2.add(f64x2.mul(f64x2.add(scale, scale), r), f64x2.mul(f64x2.sub(scale, f64Constant(104)), d))
  const y = f64x2.div(top, f64x2.add(top, f64x2.add(d, d)))
  return v128.or(y, v128.xor(x, f64x2.abs(x)))
}

const F32: usize = memory.data<f32>([
  20, 1.442695, 0.5, 12582912, 0.693359375, -0.00021219444, 0.0000646368842346, -0.00277736226066, 0.166666633879, 2, 1,
])

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
  const magnitude = f32x4.abs(x)
  const u = f32x4.pmin(f32x4.add(magnitude, magnitude), f32Constant(0))
  const bits = f32x4.add(f32x4.sub(f32x4.mul(u, f32Constant(4)), f32Constant(8)), f32Constant(12))
  const n = f32x4.sub(bits, f32Constant(12))
  // ln 2 in two parts, the first of 10 bits.
  const r = f32x4.sub(f32x4.sub(u, f32x4.mul(n, f32Constant(16))), f32x4.mul(n, f32Constant(20)))
  v128.store(R + at, r)
  v128.store(SCALE + at, i32x4.shl(i32x4.add(bits, i32x4.splat(127)), 23))
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
  const d = f32x4.sub(f32x4.add(f32Constant(36), f32x4.mul(p, w)), r)
  const top = f32x4.add(f32x4.mul(f32x4.add(scale, scale), r), f32x4.mul(f32x4.sub(scale, f32Constant(40)), d))
  const y = f32x4.div(top, f32x4.add(top, f32x4.add(d, d)))
  return v128.or(y, v128.xor(x, f32x4.abs(x)))
}
