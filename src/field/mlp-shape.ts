import { ContraflowError } from '../errors.js'
import { ACTIVATION_NAMES, type ActivationName } from '../names.js'
import { requireCount, requireName } from '../require-option.js'

/** One layer of an mlp: weights [outputs × inputs], a bias [outputs], an activation. */
export interface DenseLayer {
  /** Outputs of the layer before; of the first the dimension of the state, and one more for t. */
  readonly inputs: number
  /** Units; of the last layer the dimension of the state. */
  readonly outputs: number
  /** Applied to every unit. */
  readonly activation: ActivationName
}

/** Layers from the state to its derivative, and what else the field has. */
export interface MlpShape {
  /** From the state to its derivative; each fits to the one before. */
  readonly layers: readonly DenseLayer[]
  /** The last input of the first layer is t. */
  readonly time: boolean
  /** Adds A z to the output. */
  readonly skip: boolean
}

/** Where each group of parameters starts in θ: layer by layer, weights [out × in] row-major then bias; at last A [d × d]. */
export interface MlpLayout {
  /** Index in θ of the first weight of each layer. */
  readonly weights: readonly number[]
  /** Index in θ of the first bias of each layer. */
  readonly biases: readonly number[]
  /** Index in θ of A; p where there is none. */
  readonly skip: number
  /** p, the length of θ. */
  readonly length: number
}

/** The layout of θ of this shape. */
export function mlpLayout({ layers, skip }: MlpShape): MlpLayout {
  const weights: number[] = []
  const biases: number[] = []
  let length = 0
  for (const { inputs, outputs } of layers) {
    weights.push(length)
    biases.push(length + inputs * outputs)
    length += (inputs + 1) * outputs
  }
  const dimension = layers.at(-1)!.outputs
  return { weights, biases, skip: length, length: length + (skip ? dimension ** 2 : 0) }
}

/**
 * The shape d (+ t) → hidden … → d with one activation inside and none at the output.
 * @throws ContraflowError OPTION_INVALID for widths that are not positive whole numbers and activations that nobody knows.
 */
export function mlpShape(options: {
  readonly dimension: number
  readonly hidden: readonly number[]
  readonly activation: ActivationName
  readonly time?: boolean
  readonly skip?: boolean
}): MlpShape {
  const { dimension, hidden, activation, time = false, skip = false } = options
  requireCount('dimension', dimension)
  for (const units of hidden) requireCount('hidden', units)
  requireName('activation', activation, ACTIVATION_NAMES)
  const widths = [dimension + (time ? 1 : 0), ...hidden, dimension]
  const layers = widths.slice(1).map((outputs, l): DenseLayer => {
    return { inputs: widths[l]!, outputs, activation: l < hidden.length ? activation : 'identity' }
  })
  return { layers, time, skip }
}

/** Throws where layers do not fit together or θ has another length than its layout. */
export function checkShape({ layers, time }: MlpShape, layout: MlpLayout, theta: Float64Array): void {
  const check = (holds: boolean, received: string, expected: string) => {
    if (!holds) throw new ContraflowError('DIMENSION_MISMATCH', { received, expected })
  }
  layers.forEach((layer, l) => {
    const before = layers.at(l - 1)!.outputs + (l === 0 && time ? 1 : 0)
    check(layer.inputs === before, `layer ${l} with ${layer.inputs} inputs`, `${before} inputs`)
  })
  check(theta.length === layout.length, `${theta.length} parameters`, `${layout.length} of them`)
}
