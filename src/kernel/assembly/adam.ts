// @ts-ignore: decorator
@inline
function scaled(factor: f64, v: v128): v128 {
  return f64x2.mul(f64x2.splat(factor), v)
}

/** One update of Adam over `vectors` vectors of float64, with the operations of src/learn/rules/adam.ts in their order. */
export function adamUpdate(
  parameters: usize, gradient: usize, first: usize, second: usize, vectors: i32,
  beta1: f64, beta2: f64, scale: f64, correction: f64, epsilon: f64,
): void {
  const rest1 = 1 - beta1
  const rest2 = 1 - beta2
  for (let at: usize = 0, end = <usize>vectors << 4; at < end; at += 16) {
    const g = v128.load(gradient + at)
    const m = f64x2.add(scaled(beta1, v128.load(first + at)), scaled(rest1, g))
    const v = f64x2.add(scaled(beta2, v128.load(second + at)), f64x2.mul(scaled(rest2, g), g))
    v128.store(first + at, m)
    v128.store(second + at, v)
    const root = f64x2.add(f64x2.sqrt(scaled(correction, v)), f64x2.splat(epsilon))
    v128.store(parameters + at, f64x2.sub(v128.load(parameters + at), f64x2.div(scaled(scale, m), root)))
  }
}
