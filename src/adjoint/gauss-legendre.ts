import { cos } from '../elementary.js'

/** Nodes in (0, 1) and weights of sum 1. */
export interface Quadrature {
  readonly nodes: readonly number[]
  readonly weights: readonly number[]
}

/**
 * Gauss–Legendre quadrature with n nodes, exact for polynomials of degree 2n − 1; to rounding.
 * @see Golub & Welsch 1969 for what it is; the roots are found by Newton's method, the weights from P'_n there.
 */
export function gaussLegendre(n: number): Quadrature {
  const pairs = Array.from({ length: n }, (_, i) => {
    let x = -cos((Math.PI * (i + 0.75)) / (n + 0.5))
    for (let k = 0; k < 8; k++) {
      const [value, derivative] = legendre(n, x)
      x -= value / derivative
    }
    const [, derivative] = legendre(n, x)
    return [(1 + x) / 2, 1 / ((1 - x * x) * derivative * derivative)] as const
  })
  return { nodes: pairs.map(([node]) => node), weights: pairs.map(([, weight]) => weight) }
}

/** P_n(x) and P'_n(x), by the three-term recurrence. */
function legendre(n: number, x: number): [number, number] {
  let [before, value] = [1, x]
  for (let k = 2; k <= n; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k]
  return [value, (n * (x * value - before)) / (x * x - 1)]
}
