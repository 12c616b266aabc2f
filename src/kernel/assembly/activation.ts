import { sigmoid, silu, softplus } from './exponential'
import { tanhF32, tanhF64 } from './hyperbolic'

/** In the order of ACTIVATION_NAMES. */
export const IDENTITY: i32 = 0
const TANH: i32 = 1
const RELU: i32 = 2
const SOFTPLUS: i32 = 3
const SIGMOID: i32 = 4
const SILU: i32 = 5

/** x and its value in the same place; `sums` takes what the derivative needs beside the value (softplus and silu: x). */
export function activate<T>(kind: i32, x: usize, sums: usize, vectors: i32): void {
  const end = x + (<usize>vectors << 4)
  if (kind == TANH) {
    if (sizeof<T>() == 8) tanhF64(x, vectors)
    else tanhF32(x, vectors)
  } else if (kind == RELU) {
    // 0 where x ≤ 0, x elsewhere, NaN included.
    for (; x < end; x += 16) {
      const v = v128.load(x)
      v128.store(x, v128.andnot(v, v128.le<T>(v, v128.splat<T>(<T>0))))
    }
  } else if (kind != IDENTITY) {
    if (kind != SIGMOID) memory.copy(sums, x, end - x)
    for (; x < end; x += 16) v128.store(x, smooth<T>(kind, v128.load(x)))
  }
}

/** Float32 takes the way through float64: these are not where the time goes. */
function smooth<T>(kind: i32, x: v128): v128 {
  if (sizeof<T>() == 8) return smoothF64(kind, x)
  const low = smoothF64(kind, f64x2.promote_low_f32x4(x))
  const high = smoothF64(kind, f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 0)))
  return i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2)
}

function smoothF64(kind: i32, x: v128): v128 {
  if (kind == SOFTPLUS) return softplus(x)
  return kind == SIGMOID ? sigmoid(x) : silu(x)
}

/** adjoints ⊙= derivative, from values y and, where `activate` kept them, sums x. */
export function pullActivation<T>(kind: i32, adjoints: usize, values: usize, sums: usize, vectors: i32): void {
  if (kind == IDENTITY) return
  if (kind == TANH) return pullTanh<T>(adjoints, values, vectors)
  for (let k = 0; k < vectors; k++) {
    const at = <usize>k << 4
    const a = v128.load(adjoints + at)
    v128.store(adjoints + at, v128.mul<T>(a, derivative<T>(kind, v128.load(values + at), sums + at)))
  }
}

/** Two vectors a turn: with one, the loop itself would take half of the time. */
function pullTanh<T>(adjoints: usize, values: usize, vectors: i32): void {
  for (; vectors >= 2; vectors -= 2, adjoints += 32, values += 32) {
    const a = pulledTanh<T>(v128.load(adjoints), v128.load(values))
    const b = pulledTanh<T>(v128.load(adjoints, 16), v128.load(values, 16))
    v128.store(adjoints, a)
    v128.store(adjoints, b, 16)
  }
  if (vectors) v128.store(adjoints, pulledTanh<T>(v128.load(adjoints), v128.load(values)))
}

// @ts-ignore: decorator
@inline
function pulledTanh<T>(a: v128, y: v128): v128 {
  return v128.mul<T>(a, v128.sub<T>(v128.splat<T>(<T>1), v128.mul<T>(y, y)))
}

// @ts-ignore: decorator
@inline
function derivative<T>(kind: i32, y: v128, sums: usize): v128 {
  const one = v128.splat<T>(<T>1)
  if (kind == RELU) return v128.and(one, v128.gt<T>(y, v128.splat<T>(<T>0)))
  if (kind == SIGMOID) return v128.mul<T>(y, v128.sub<T>(one, y))
  const s = smooth<T>(SIGMOID, v128.load(sums))
  return kind == SOFTPLUS ? s : v128.add<T>(s, v128.mul<T>(y, v128.sub<T>(one, s)))
}
