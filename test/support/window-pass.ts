import { expect } from 'vitest'
import { type AdjointSolution, solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import type { UpdateMap } from '../../src/adjoint/update/update-map.js'
import type { VectorField } from '../../src/field/vector-field.js'
import { type Loss, squared } from '../../src/learn/rules/losses.js'
import { isMeasured, type Observation } from '../../src/observation.js'
import type { IntegratorOptions } from '../../src/ode/integrator-options.js'

export interface Start {
  readonly t: number
  readonly z: Float64Array
}

export interface WindowPass {
  readonly field: VectorField
  readonly solver: IntegratorOptions
  readonly window: readonly Observation[]
  readonly start: Start
  readonly update?: UpdateMap
  readonly loss?: Loss
}

/** One pass of solveAdjoint over a window, L = Σ l / (measured values). */
export function solveWindow({ field, solver, window, start, update, loss = squared }: WindowPass): AdjointSolution {
  const values = window.flatMap(({ y }) => Array.from(y)).filter(isMeasured).length
  return solveAdjoint({
    field,
    ...(update && { update }),
    path: {
      startTime: 0,
      startState: start.z,
      length: window.length,
      time: index => window[index]!.t - start.t,
      observed: index => window[index]!.y,
    },
    loss: {
      value: (index, z) =>
        window[index]!.y.reduce((sum, y, c) => sum + (isMeasured(y) ? loss.value(z[c]! - y, c) / values : 0), 0),
      inject: (index, z, a) => {
        window[index]!.y.forEach((y, c) => {
          if (isMeasured(y)) a[c]! += loss.slope(z[c]! - y, c) / values
        })
      },
    },
    solver,
  })
}

/** Are two solutions the same but for a few roundings? */
export function expectSame(actual: AdjointSolution, expected: AdjointSolution): void {
  expect(actual.outcome).toEqual(expected.outcome)
  const [left, right] = [flatten(actual), flatten(expected)]
  expect(left).toHaveLength(right.length)
  right.forEach((value, i) => {
    expect(Math.abs(left[i]! - value)).toBeLessThanOrEqual(1e-13 * (1 + Math.abs(value)))
  })
}

function flatten({ loss, states, gradient, jumps }: AdjointSolution): number[] {
  const { start, startTime, times, field, update } = gradient
  const vectors = jumps.flatMap(({ before, jump, after }) => [...before, ...jump, ...after])
  return [loss, ...states.flat(), ...start, startTime, ...times, ...field, ...update, ...vectors]
}
