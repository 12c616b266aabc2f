import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { type MlpShape, mlpLayout } from '../field/mlp.js'
import type { ActivationName } from '../names.js'
import { requireEngine } from './tensor-field.js'

/**
 * A field of `mlp` as a LayersModel, in float32. Its input is z [null, d], with t a second input [null, 1] when the field
 * takes it; `tensorField` makes the same field of it again.
 * @param parameters θ in the layout of `mlp`.
 */
export function modelOfMlp(shape: MlpShape, parameters: Float64Array): tfl.LayersModel {
  requireEngine()
  const dimension = shape.layers.at(-1)!.outputs
  const z = tfl.input({ shape: [dimension], name: 'z' })
  const inputs = shape.time ? [z, tfl.input({ shape: [1], name: 't' })] : [z]
  const joined = shape.time ? tfl.layers.concatenate({ name: 'z_and_t' }).apply(inputs) : z
  const stack = shape.layers.reduce(
    (x, { outputs, activation }, l) =>
      tfl.layers
        .dense({ units: outputs, activation: TENSOR_NAMES[activation], name: `dense_${l + 1}` })
        .apply(x) as tfl.SymbolicTensor,
    joined as tfl.SymbolicTensor,
  )
  const linear = tfl.layers.dense({ units: dimension, useBias: false, name: 'linear' })
  const outputs = shape.skip
    ? tfl.layers.add({ name: 'slope' } as never).apply([stack, linear.apply(z) as tfl.SymbolicTensor])
    : stack
  const model = tfl.model({ inputs, outputs: outputs as tfl.SymbolicTensor, name: 'field' })
  writeWeights(model, shape, parameters)
  return model
}

/** What TensorFlow.js calls each activation; its types do not know swish. */
const TENSOR_NAMES: Readonly<Record<ActivationName, 'tanh'>> = {
  identity: 'linear',
  tanh: 'tanh',
  relu: 'relu',
  softplus: 'softplus',
  sigmoid: 'sigmoid',
  silu: 'swish',
} as never

function writeWeights(model: tfl.LayersModel, shape: MlpShape, parameters: Float64Array): void {
  const layout = mlpLayout(shape)
  const part = (offset: number, length: number) => Float32Array.from(parameters.subarray(offset, offset + length))
  const matrix = (offset: number, rows: number, columns: number) =>
    tf.transpose(tf.tensor2d(part(offset, rows * columns), [rows, columns]))
  tf.tidy(() => {
    shape.layers.forEach(({ inputs, outputs }, l) => {
      const weights = matrix(layout.weights[l]!, outputs, inputs)
      model.getLayer(`dense_${l + 1}`).setWeights([weights, tf.tensor1d(part(layout.biases[l]!, outputs))])
    })
    if (!shape.skip) return
    const dimension = shape.layers.at(-1)!.outputs
    model.getLayer('linear').setWeights([matrix(layout.skip, dimension, dimension)])
  })
}
