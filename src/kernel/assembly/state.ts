/**
 * States and slopes, float64, from and to vectors of the precision of a network. In pairs: a vector that is loaded before the two halves
 * it was stored in have left the processor's store buffer waits for them, and with a few dimensions such waits were a tenth of a step.
 * What lies behind the last number is neither read nor written.
 */

/** to = from, in the precision T. */
// @ts-ignore: decorator
@inline
export function fromState<T>(from: usize, to: usize, d: i32): void {
  let i = 0
  if (sizeof<T>() == 8) for (; i + 2 <= d; i += 2) v128.store(to + (<usize>i << 3), v128.load(from + (<usize>i << 3)))
  for (; i < d; i++) store<T>(to + <usize>i * sizeof<T>(), <T>load<f64>(from + (<usize>i << 3)))
}

/** to = from, of the precision T. */
// @ts-ignore: decorator
@inline
export function toState<T>(from: usize, to: usize, d: i32): void {
  let i = 0
  if (sizeof<T>() == 8) for (; i + 2 <= d; i += 2) v128.store(to + (<usize>i << 3), v128.load(from + (<usize>i << 3)))
  for (; i < d; i++) store<f64>(to + (<usize>i << 3), <f64>load<T>(from + <usize>i * sizeof<T>()))
}

/** to = a + b, of the precision T. */
// @ts-ignore: decorator
@inline
export function sumToState<T>(a: usize, b: usize, to: usize, d: i32): void {
  let i = 0
  if (sizeof<T>() == 8) {
    for (; i + 2 <= d; i += 2) {
      const at = <usize>i << 3
      v128.store(to + at, f64x2.add(v128.load(a + at), v128.load(b + at)))
    }
  }
  for (; i < d; i++) {
    const at = <usize>i * sizeof<T>()
    store<f64>(to + (<usize>i << 3), <f64>(load<T>(a + at) + load<T>(b + at)))
  }
}

/** sums += a, of the precision T. */
// @ts-ignore: decorator
@inline
export function addToState<T>(sums: usize, a: usize, d: i32): void {
  let i = 0
  if (sizeof<T>() == 8) {
    for (; i + 2 <= d; i += 2) {
      const at = <usize>i << 3
      v128.store(sums + at, f64x2.add(v128.load(sums + at), v128.load(a + at)))
    }
  }
  for (; i < d; i++) {
    const at = sums + (<usize>i << 3)
    store<f64>(at, load<f64>(at) + <f64>load<T>(a + <usize>i * sizeof<T>()))
  }
}
