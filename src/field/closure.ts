import { requireCount } from '../require-option.js'
import { differenceVjp } from './differences.js'
import type { VectorField } from './vector-field.js'

/** The functions that make a field. */
export interface ClosureOptions {
  /** d, the length of z. */
  readonly dimension: number
  /** θ; used in place. Default none. */
  readonly parameters?: Float64Array
  /** Default true. */
  readonly timeDependent?: boolean
  /** Writes f(t, z) into dz [d]; reads θ where it finds it. */
  readonly evaluate: VectorField['evaluate']
  /** Default central differences, good to about 1e-9 and 2 (d + p) evaluations dear. */
  readonly vjp?: VectorField['vjp']
  /** Writes ∂f/∂z, row-major [d × d]. Default: of d vjps, where an implicit method asks for it. */
  readonly jacobian?: NonNullable<VectorField['jacobian']>
}

/**
 * A vector field of plain functions: known physics, or a model of one's own. Only `dimension` and `evaluate` are needed; with `vjp` left out
 * gradients are those of central differences: right to about 1e-9, and dear.
 * @throws ContraflowError OPTION_INVALID for a dimension that is no positive whole number.
 * @example `closure({ dimension: 2, evaluate: (_t, [x, v], dz) => dz.set([v!, -x!]) })`: x'' = −x.
 */
export function closure(options: ClosureOptions): VectorField {
  const { dimension, parameters = new Float64Array(0), timeDependent = true, evaluate, vjp, jacobian } = options
  requireCount('dimension', dimension)
  const map = { inputs: dimension, outputs: dimension, parameters, timeDependent, evaluate }
  return {
    dimension,
    parameters,
    timeDependent,
    evaluate,
    vjp: vjp ?? differenceVjp(map),
    ...(jacobian && { jacobian }),
  }
}
