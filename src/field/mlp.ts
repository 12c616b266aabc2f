import { ContraflowError } from '../errors.js'
import type { ActivationName } from '../names.js'
import { type Activation, activations } from './activation.js'
import type { VectorField } from './vector-field.js'

/** One layer of an mlp: weights [outputs × inputs], a bias [outputs], an activation. */
export interface DenseLayer {
  readonly inputs: number
  readonly outputs: number
  readonly activation: ActivationName
}

/** Layers from the state to its derivative, and what else the field has. */
export interface MlpShape {
  readonly layers: readonly DenseLayer[]
  /** The last input of the first layer is t. */
  readonly time: boolean
  /** Adds A z to the output. */
  readonly skip: boolean
}

/** Where each group of parameters starts in θ: layer by layer, weights [out × in] row-major then bias; at last A [d × d]. */
export interface MlpLayout {
  readonly weights: readonly number[]
  readonly biases: readonly number[]
  readonly skip: number
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

/** The shape d (+ t) → hidden … → d with one activation inside and none at the output. */
export function mlpShape(options: {
  readonly dimension: number
  readonly hidden: readonly number[]
  readonly activation: ActivationName
  readonly time?: boolean
  readonly skip?: boolean
}): MlpShape {
  const { dimension, hidden, activation, time = false, skip = false } = options
  const widths = [dimension + (time ? 1 : 0), ...hidden, dimension]
  const layers = widths.slice(1).map((outputs, l): DenseLayer => {
    return { inputs: widths[l]!, outputs, activation: l < hidden.length ? activation : 'identity' }
  })
  return { layers, time, skip }
}

/**
 * A multi-layer perceptron in plain TypeScript, float64: the reference for faster kernels.
 * Evaluate costs 2 p flops and one activation a unit, vjp about three times that (it computes the layers anew).
 * @param parameters θ in the order of `mlpLayout`; used in place, not copied.
 */
export function mlp(shape: MlpShape, parameters?: Float64Array): VectorField {
  const layout = mlpLayout(shape)
  const theta = parameters ?? new Float64Array(layout.length)
  checkShape(shape, layout, theta)
  const { layers, time, skip } = shape
  const dimension = layers.at(-1)!.outputs
  const count = layers.length
  const functions: Activation[] = layers.map(layer => activations[layer.activation])
  /** values[l] is the input of layer l; sums[l] what its activation is applied to. */
  const values = [layers[0]!.inputs, ...layers.map(layer => layer.outputs)].map(n => new Float64Array(n))
  const sums = layers.map(layer => new Float64Array(layer.outputs))
  const adjoints = values.map(array => new Float64Array(array.length))

  function forward(t: number, z: Float64Array): Float64Array {
    values[0]!.set(z)
    if (time) values[0]![dimension] = t
    for (let l = 0; l < count; l++) {
      affine(theta, layout.weights[l]!, layout.biases[l]!, values[l]!, sums[l]!)
      const { value } = functions[l]!
      for (let i = 0; i < sums[l]!.length; i++) values[l + 1]![i] = value(sums[l]![i]!)
    }
    return values[count]!
  }

  return {
    dimension,
    parameters: theta,
    timeDependent: time,
    evaluate(t, z, dz) {
      dz.set(forward(t, z))
      if (skip) addProduct(theta, layout.skip, z, dz)
    },
    vjp(t, z, a, az, atheta) {
      forward(t, z)
      adjoints[count]!.set(a)
      for (let l = count - 1; l >= 0; l--) {
        const { derivative } = functions[l]!
        const outer = adjoints[l + 1]!
        for (let i = 0; i < outer.length; i++) outer[i]! *= derivative(sums[l]![i]!, values[l + 1]![i]!)
        adjoints[l]!.fill(0)
        pullBack(theta, atheta, layout.weights[l]!, values[l]!, outer, adjoints[l]!)
        for (let i = 0; i < outer.length; i++) atheta[layout.biases[l]! + i]! += outer[i]!
      }
      if (skip) pullBack(theta, atheta, layout.skip, z, a, az)
      for (let j = 0; j < dimension; j++) az[j]! += adjoints[0]![j]!
      return time ? adjoints[0]![dimension]! : 0
    },
  }
}

/** out = W x + b. */
function affine(theta: Float64Array, weights: number, bias: number, x: Float64Array, out: Float64Array): void {
  for (let i = 0, n = weights; i < out.length; i++) {
    let sum = theta[bias + i]!
    for (let j = 0; j < x.length; j++, n++) sum += theta[n]! * x[j]!
    out[i] = sum
  }
}

/** out += W x. */
function addProduct(theta: Float64Array, weights: number, x: Float64Array, out: Float64Array): void {
  for (let i = 0, n = weights; i < out.length; i++) {
    let sum = 0
    for (let j = 0; j < x.length; j++, n++) sum += theta[n]! * x[j]!
    out[i]! += sum
  }
}

/** ax += Wᵀ a and aW += a xᵀ. */
function pullBack(
  theta: Float64Array,
  atheta: Float64Array,
  weights: number,
  x: Float64Array,
  a: Float64Array,
  ax: Float64Array,
): void {
  const width = x.length
  for (let i = 0, n = weights; i < a.length; i++) {
    const ai = a[i]!
    for (let j = 0; j < width; j++, n++) {
      ax[j]! += theta[n]! * ai
      atheta[n]! += ai * x[j]!
    }
  }
}

function checkShape({ layers, time }: MlpShape, layout: MlpLayout, theta: Float64Array): void {
  const check = (holds: boolean, received: string, expected: string) => {
    if (!holds) throw new ContraflowError('DIMENSION_MISMATCH', { received, expected })
  }
  layers.forEach((layer, l) => {
    const before = layers.at(l - 1)!.outputs + (l === 0 && time ? 1 : 0)
    check(layer.inputs === before, `layer ${l} with ${layer.inputs} inputs`, `${before} inputs`)
  })
  check(theta.length === layout.length, `${theta.length} parameters`, `${layout.length} of them`)
}
