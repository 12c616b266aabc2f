import { expect } from 'vitest'
import { solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { linear } from '../../src/field/linear.js'
import { squaredPathLoss } from '../../src/learn/rules/path-loss.js'
import type { AdjointName } from '../../src/names.js'
import { methods } from '../../src/ode/methods/index.js'
import { Random } from '../../src/random.js'
import { ulpOf } from './high-precision.js'
import { path } from './paths.js'

/** z' = (decay I + turn J) z, where J turns by a right angle: everything about it has a closed form. */
const [DECAY, TURN] = [-0.1, 2]
const START = [1, 0.5] as const

/**
 * Windows in which most observations follow another one after one unit in the last place to a billionth. All gradients are finite,
 * and those by the start, by decay and turn, and by the times are those of the closed form.
 * @returns The largest error, relative to the largest of the gradients of its kind.
 */
export function closeObservations(adjoint: AdjointName, count: number, seed: number): number {
  const random = new Random(seed)
  let worst = 0
  for (let n = 0; n < count; n++) {
    let t = 0
    const times = Array.from({ length: 6 }, (_, i) => {
      const gap = 10 ** (-16 + 7 * random.uniform())
      t += i % 3 === 0 ? 0.05 + random.uniform() : Math.max(ulpOf(t), gap)
      return t
    })
    const values = times.map(() => Float64Array.of(random.normal(), random.normal()))
    const { gradient } = solveAdjoint({
      field: linear(2, Float64Array.of(DECAY, TURN, -TURN, DECAY)),
      path: path(Float64Array.from(START), times, values),
      loss: squaredPathLoss(
        values,
        times.map(() => 1),
      ),
      solver: { method: methods.dopri8, rtol: 1e-10, atol: 1e-12, adjoint },
    })
    const [f0, f1, f2, f3] = gradient.field as unknown as [number, number, number, number]
    const exact = closedForm(times, values)
    for (const [found, expected] of [
      [gradient.start, exact.start],
      [[f0 + f3, f1 - f2], exact.field],
      [gradient.times, exact.times],
    ] as const) {
      const size = Math.max(...expected.map(Math.abs))
      expected.forEach((value, i) => {
        const error = Math.abs(found[i]! - value) / size
        expect(error, `window ${n}, seed ${seed}`).toBeLessThanOrEqual(1e-8)
        worst = Math.max(worst, error)
      })
    }
  }
  return worst
}

/** With r_i = 2 (z(t_i) − y_i) / N: Σ e^(Aᵀt_i) r_i; Σ t_i r_i · z_i and Σ t_i r_i · J z_i; r_i · A z_i. */
function closedForm(times: readonly number[], values: readonly Float64Array[]) {
  const [start, field] = [[0, 0] as [number, number], [0, 0] as [number, number]]
  const slopes = times.map((t, i) => {
    const [size, cos, sin] = [Math.exp(DECAY * t), Math.cos(TURN * t), Math.sin(TURN * t)]
    const z = [size * (cos * START[0] + sin * START[1]), size * (cos * START[1] - sin * START[0])] as const
    const r = [0, 1].map(c => (2 * (z[c]! - values[i]![c]!)) / times.length) as [number, number]
    start[0] += size * (cos * r[0] - sin * r[1])
    start[1] += size * (sin * r[0] + cos * r[1])
    const [along, across] = [r[0] * z[0] + r[1] * z[1], r[0] * z[1] - r[1] * z[0]]
    field[0] += t * along
    field[1] += t * across
    return DECAY * along + TURN * across
  })
  return { start, field, times: slopes }
}
