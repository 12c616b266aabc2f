/**
 * What this processor can do: `rounds` times twelve independent chains of one multiplication and one addition each, in registers.
 * Returns a number that depends on all of them, so that nothing can be left out.
 */
function chains<T>(rounds: i32, c: v128, d: v128): f64 {
  let a0 = c, a1 = c, a2 = c, a3 = c, a4 = c, a5 = c, a6 = c, a7 = c, a8 = c, a9 = c, a10 = c, a11 = c
  for (let i = 0; i < rounds; i++) {
    a0 = v128.add<T>(v128.mul<T>(a0, c), d)
    a1 = v128.add<T>(v128.mul<T>(a1, c), d)
    a2 = v128.add<T>(v128.mul<T>(a2, c), d)
    a3 = v128.add<T>(v128.mul<T>(a3, c), d)
    a4 = v128.add<T>(v128.mul<T>(a4, c), d)
    a5 = v128.add<T>(v128.mul<T>(a5, c), d)
    a6 = v128.add<T>(v128.mul<T>(a6, c), d)
    a7 = v128.add<T>(v128.mul<T>(a7, c), d)
    a8 = v128.add<T>(v128.mul<T>(a8, c), d)
    a9 = v128.add<T>(v128.mul<T>(a9, c), d)
    a10 = v128.add<T>(v128.mul<T>(a10, c), d)
    a11 = v128.add<T>(v128.mul<T>(a11, c), d)
  }
  a0 = v128.add<T>(v128.add<T>(a0, a1), v128.add<T>(a2, a3))
  a4 = v128.add<T>(v128.add<T>(a4, a5), v128.add<T>(a6, a7))
  a8 = v128.add<T>(v128.add<T>(a8, a9), v128.add<T>(a10, a11))
  return <f64>v128.extract_lane<T>(v128.add<T>(v128.add<T>(a0, a4), a8), 0)
}

/** Twelve chains of two float64 lanes: 48 flops a round. */
export function chainsF64(rounds: i32, c: f64, d: f64): f64 {
  return chains<f64>(rounds, f64x2.splat(c), f64x2.splat(d))
}

/** Twelve chains of four float32 lanes: 96 flops a round. */
export function chainsF32(rounds: i32, c: f32, d: f32): f64 {
  return chains<f32>(rounds, f32x4.splat(c), f32x4.splat(d))
}
