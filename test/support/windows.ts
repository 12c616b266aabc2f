import { type AdjointProblem, type AdjointSolution, solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import type { SweepOptions } from '../../src/adjoint/sweep.js'
import { gain } from '../../src/adjoint/update/gain.js'
import { gru, gruLength } from '../../src/adjoint/update/gru.js'
import { none } from '../../src/adjoint/update/none.js'
import { replace } from '../../src/adjoint/update/replace.js'
import type { UpdateMap } from '../../src/adjoint/update/update-map.js'
import type { VectorField } from '../../src/field/vector-field.js'
import { squaredPathLoss } from '../../src/learn/rules/path-loss.js'
import type { UpdateName } from '../../src/names.js'
import { Random } from '../../src/random.js'
import { array } from './arrays.js'
import { randomMlp } from './fields.js'
import { type PlainPath, path } from './paths.js'

export interface TestWindow extends AdjointProblem {
  readonly path: PlainPath
  readonly weights: number[]
}

export interface WindowOptions {
  readonly solver: SweepOptions
  readonly update?: UpdateName
  readonly field?: VectorField
  readonly missing?: number
  readonly times?: readonly number[]
}

const CHANNELS = 2
/** Irregular, with two observations at one time and one at the start. */
const TIMES = [0.5, 0.8, 1.1, 1.1, 1.7, 1.85, 2.6]

/** A window of a three-dimensional state whose first two dimensions are observed, with weights. */
export function testWindow(seed: number, options: WindowOptions): TestWindow {
  const { solver, update = 'none', field = randomMlp(seed, { time: true, skip: true }), missing = 0 } = options
  const random = new Random(seed + 1000)
  const times = options.times ?? TIMES
  const values = times.map(() => {
    return array(CHANNELS, () => (random.uniform() < missing ? Number.NaN : random.normal()))
  })
  const weights = times.map(() => 0.5 + random.uniform())
  return {
    field,
    update: updates[update](random, field.dimension),
    path: path(
      array(field.dimension, () => random.normal()),
      times,
      values,
      0.5,
    ),
    loss: squaredPathLoss(values, weights),
    weights,
    solver,
  }
}

const updates: Record<UpdateName, (random: Random, dimension: number) => UpdateMap> = {
  none: () => none(),
  replace: () => replace(),
  gain: (random, dimension) =>
    gain(
      dimension,
      CHANNELS,
      array(dimension * CHANNELS, () => random.normal() / 2),
    ),
  gru: (random, dimension) =>
    gru(
      dimension,
      CHANNELS,
      array(gruLength(dimension, CHANNELS), () => random.normal() / 2),
    ),
}

export function lossOf(window: AdjointProblem): number {
  return solveAdjoint(window).loss
}

/** Every number of a solution that is a gradient. */
export function gradients({ gradient }: AdjointSolution): Float64Array {
  return Float64Array.of(...gradient.start, ...gradient.field, ...gradient.update)
}
