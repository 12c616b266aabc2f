import { closure } from '../../src/field/closure.js'
import { linear } from '../../src/field/linear.js'
import { type MlpShape, mlp, mlpLayout, mlpShape } from '../../src/field/mlp.js'
import type { VectorField } from '../../src/field/vector-field.js'
import type { ActivationName } from '../../src/names.js'
import { Random } from '../../src/random.js'
import { array } from './arrays.js'

/** Parameters of size one over the root of the fan-in, so that the field neither explodes nor vanishes. */
function randomParameters(shape: MlpShape, random: Random): Float64Array {
  const widest = Math.max(...shape.layers.map(layer => layer.inputs))
  return array(mlpLayout(shape).length, () => random.normal() / Math.sqrt(widest))
}

export function randomMlp(
  seed: number,
  options: {
    readonly dimension?: number
    readonly hidden?: readonly number[]
    readonly activation?: ActivationName
    readonly time?: boolean
    readonly skip?: boolean
  } = {},
): VectorField {
  const shape = mlpShape({ dimension: 3, hidden: [5], activation: 'tanh', ...options })
  return mlp(shape, randomParameters(shape, new Random(seed)))
}

export function randomLinear(seed: number, dimension = 3): VectorField {
  const random = new Random(seed)
  return linear(
    dimension,
    array(dimension ** 2, () => random.normal() / Math.sqrt(dimension)),
  )
}

/** z' = −k z with k as its parameter, and its exact vjp. */
export function decay(rate: number): VectorField {
  const parameters = Float64Array.of(rate)
  return closure({
    dimension: 1,
    parameters,
    timeDependent: false,
    evaluate: (_t, z, dz) => dz.fill(-parameters[0]! * z[0]!),
    vjp(_t, z, a, az, atheta) {
      az[0]! -= parameters[0]! * a[0]!
      atheta[0]! -= z[0]! * a[0]!
      return 0
    },
  })
}

/** A field of equations alone: nothing to learn. */
export function equations(dimension: number, evaluate: VectorField['evaluate']): VectorField {
  return closure({ dimension, evaluate })
}

/** The same field, counting its evaluations. */
export function counted(field: VectorField): VectorField & { readonly count: number } {
  let count = 0
  return {
    ...field,
    evaluate(t, z, dz) {
      count++
      field.evaluate(t, z, dz)
    },
    get count() {
      return count
    },
  }
}
