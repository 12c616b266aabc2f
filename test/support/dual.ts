import type { MlpShape } from '../../src/field/mlp.js'
import { mlpLayout } from '../../src/field/mlp.js'
import type { Tableau } from '../../src/ode/tableau/tableau.js'

/** A number with its derivative in one direction: x + ε dx with ε² = 0. Derivatives without any difference quotient. */
export interface Dual {
  readonly x: number
  readonly dx: number
}

const add = (a: Dual, b: Dual): Dual => ({ x: a.x + b.x, dx: a.dx + b.dx })
const times = (a: Dual, b: Dual): Dual => ({ x: a.x * b.x, dx: a.dx * b.x + a.x * b.dx })
const scale = (s: number, a: Dual): Dual => ({ x: s * a.x, dx: s * a.dx })
const tanh = (a: Dual): Dual => {
  const y = Math.tanh(a.x)
  return { x: y, dx: (1 - y * y) * a.dx }
}
const square = (a: Dual): Dual => times(a, a)

export const duals = (x: ArrayLike<number>, dx: ArrayLike<number>): Dual[] =>
  Array.from(x, (value, i) => ({ x: value, dx: dx[i]! }))

/** A tanh MLP with skip, and time as an input, on dual numbers. */
export function dualField(shape: MlpShape, theta: readonly Dual[], t: number, z: readonly Dual[]): Dual[] {
  const layout = mlpLayout(shape)
  let values: readonly Dual[] = shape.time ? [...z, { x: t, dx: 0 }] : z
  shape.layers.forEach(({ inputs, outputs, activation }, l) => {
    values = Array.from({ length: outputs }, (_, i) => {
      let sum = theta[layout.biases[l]! + i]!
      for (let j = 0; j < inputs; j++) sum = add(sum, times(theta[layout.weights[l]! + i * inputs + j]!, values[j]!))
      return activation === 'tanh' ? tanh(sum) : sum
    })
  })
  if (!shape.skip) return [...values]
  return values.map((value, i) =>
    z.reduce((sum, zj, j) => add(sum, times(theta[layout.skip + i * z.length + j]!, zj)), value),
  )
}

/** Fixed steps of an explicit method from one time to another, on dual numbers. */
export function dualSolve(
  method: Tableau,
  shape: MlpShape,
  theta: readonly Dual[],
  start: readonly Dual[],
  span: { readonly from: number; readonly to: number; readonly steps: number },
): Dual[] {
  const h = (span.to - span.from) / span.steps
  let z = [...start]
  for (let n = 0; n < span.steps; n++) {
    const t = span.from + n * h
    const slopes: Dual[][] = []
    for (let s = 0; s < method.stages; s++) {
      const state = z.map((value, i) =>
        slopes.reduce((sum, k, j) => add(sum, scale(h * method.a[s * method.stages + j]!, k[i]!)), value),
      )
      slopes.push(dualField(shape, theta, t + method.c[s]! * h, state))
    }
    z = z.map((value, i) => slopes.reduce((sum, k, s) => add(sum, scale(h * method.b[s]!, k[i]!)), value))
  }
  return z
}

/** Σ_c (z_c − y_c)². */
export function dualSquares(z: readonly Dual[], y: readonly number[]): Dual {
  return z.reduce((sum, value, c) => add(sum, square(add(value, { x: -y[c]!, dx: 0 }))), { x: 0, dx: 0 })
}
