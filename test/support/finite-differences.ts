/**
 * ∂f/∂x by central differences, x changed in place and put back. With h = 6e-6 · max(1, |x|) truncation (h²) and rounding
 * (ε/h) are both near 4e-11 for a smooth f of size 1.
 */
export function differences(f: () => number, x: Float64Array, step = 6e-6): Float64Array {
  return x.map((value, i) => {
    const h = step * Math.max(1, Math.abs(value))
    x[i] = value + h
    const [high, up] = [x[i]!, f()]
    x[i] = value - h
    const [low, down] = [x[i]!, f()]
    x[i] = value
    return (up - down) / (high - low)
  })
}

/**
 * ∂f/∂x by central differences of sixth order. With h = 3e-3 rounding leaves ε/h = 1e-13 of the terms of f, and truncation
 * h⁶ f⁽⁷⁾/140 as much for functions that vary over distances near one; polynomials of the sixth degree have none.
 */
export function smoothDifferences(f: () => number, x: Float64Array, h = 3e-3): Float64Array {
  return x.map((value, i) => {
    const across = (k: number) => {
      x[i] = value + k * h
      const [high, up] = [x[i]!, f()]
      x[i] = value - k * h
      const [low, down] = [x[i]!, f()]
      x[i] = value
      return (up - down) / (high - low)
    }
    return (45 * across(1) - 18 * across(2) + 3 * across(3)) / 30
  })
}
