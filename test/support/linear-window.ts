import type { AdjointProblem } from '../../src/adjoint/solve-adjoint.js'
import type { SweepOptions } from '../../src/adjoint/sweep.js'
import { linear } from '../../src/field/linear.js'
import { squaredPathLoss } from '../../src/learn/rules/path-loss.js'
import { apply, expm, type Matrix, product, transpose } from './dense.js'
import { path } from './paths.js'

/** z' = A z observed at irregular times, a short gap of 0.02 among them: everything about it has a closed form. */
const MATRIX: Matrix = [
  [-0.3, 1.1, 0.2],
  [-0.9, -0.2, 0.4],
  [0.1, -0.5, -0.4],
]
const TIMES = [0.4, 0.42, 1.3, 2.1, 2.9]
const START = [1, -0.5, 0.3]
const VALUES = [
  [0.2, -0.4, 0.1],
  [0.9, 0.3, -0.2],
  [-0.5, 0.2, 0.6],
  [0.1, -0.8, 0.4],
  [0.3, 0.3, -0.7],
].map(row => Float64Array.from(row))
const WEIGHTS = [1, 0.5, 2, 1.5, 0.7]

export function linearWindow(solver: SweepOptions): AdjointProblem {
  return {
    field: linear(3, Float64Array.from(MATRIX.flat())),
    path: path(Float64Array.from(START), TIMES, VALUES),
    loss: squaredPathLoss(VALUES, WEIGHTS),
    solver,
  }
}

/**
 * Its gradients from the matrix exponential: dL/dz₀ = Σ e^(Aᵀt_i) r_i, dL/dA by Fréchet derivatives of the exponential,
 * dL/dt_i = r_i · A z(t_i), with r_i = 2 w_i (z(t_i) − y_i) / N.
 */
export function linearGradients(): { start: number[]; field: number[]; times: number[] } {
  const start = [0, 0, 0]
  const field = Array.from({ length: 9 }, () => 0)
  const times = TIMES.map((t, i) => {
    const At = MATRIX.map(row => row.map(a => a * t))
    const state = apply(expm(At), START)
    const r = state.map((z, c) => (2 * WEIGHTS[i]! * (z - VALUES[i]![c]!)) / TIMES.length)
    apply(transpose(expm(At)), r).forEach((x, c) => {
      start[c]! += x
    })
    for (let k = 0; k < 9; k++) field[k]! += frechet(At, k, t, r)
    return r.reduce((sum, x, c) => sum + x * apply(MATRIX, state)[c]!, 0)
  })
  return { start, field, times }
}

/** rᵀ (d e^(At)/dA_k) z₀: the upper right block of the exponential of [[At, Et], [0, At]]. */
function frechet(At: Matrix, k: number, t: number, r: readonly number[]): number {
  const block: Matrix = Array.from({ length: 6 }, (_, i) =>
    Array.from({ length: 6 }, (_, j) => (Math.floor(i / 3) === Math.floor(j / 3) ? At[i % 3]![j % 3]! : 0)),
  )
  block[Math.floor(k / 3)]![3 + (k % 3)] = t
  const upper = product(
    expm(block)
      .slice(0, 3)
      .map(row => row.slice(3)),
    START.map(x => [x]),
  )
  return r.reduce((sum, x, c) => sum + x * upper[c]![0]!, 0)
}
