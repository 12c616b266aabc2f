import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { ContraflowError } from '../errors.js'

/** A right-hand side of tensors: t [batch, 1] and z [batch, d] to dz/dt [batch, d]. */
export type TensorDynamics = (t: tf.Tensor2D, z: tf.Tensor2D) => tf.Tensor

/** How a model or a function is called, whatever it is. */
export interface TensorFunction {
  /** d. */
  readonly dimension: number
  /** Does f take t as an input? */
  readonly time: boolean
  /** What is learned. */
  readonly variables: readonly tf.Variable[]
  apply(t: tf.Tensor2D, z: tf.Tensor2D): tf.Tensor
}

/** Is it a LayersModel, of whichever copy of tfjs-layers? */
export function isModel(f: unknown): f is LayersModel {
  return typeof f === 'object' && f !== null && 'layers' in f && 'apply' in f
}

/**
 * A model as a function of t and z. Its input is z [null, d], z with t as the last column [null, d + 1], or both, z first;
 * its output [null, d]. Layers that only matter in training (dropout) do nothing.
 * @throws ContraflowError TENSOR_MODEL_INVALID.
 */
export function modelFunction(model: LayersModel): TensorFunction {
  checkModel(model)
  const dimension = lastSize(model.outputs[0]!.shape)
  const widths = model.inputs.map(input => lastSize(input.shape))
  const variables = model.trainableWeights.map(weight => weight.read() as tf.Variable)
  const common = { dimension, variables }
  const call = (x: tf.Tensor | tf.Tensor[]) => model.apply(x, { training: false }) as tf.Tensor
  if (widths.length === 2 && widths[0] === dimension && widths[1] === 1)
    return { ...common, time: true, apply: (t, z) => call([z, t]) }
  if (widths.length === 1 && widths[0] === dimension + 1)
    return { ...common, time: true, apply: (t, z) => call(tf.concat([z, t], 1)) }
  if (widths.length === 1 && widths[0] === dimension) return { ...common, time: false, apply: (_, z) => call(z) }
  throw invalid(
    `inputs of ${widths.join(' and ')} for an output of ${dimension} from layer "${model.outputs[0]!.sourceLayer.name}"`,
    `one input of ${dimension} (z) or ${dimension + 1} (z, then t), or two of ${dimension} and 1`,
  )
}

function checkModel(model: LayersModel): void {
  if (!isComplete(model)) throw invalid('a model that has not been built', 'a first layer with inputShape')
  // A sequential model makes its weights when it is first used.
  if (!model.built) model.build(model.inputs.map(input => input.shape) as never)
  if (model.outputs.length !== 1) throw invalid(`${model.outputs.length} outputs`, 'one output, dz/dt')
  for (const tensor of [...model.inputs, ...model.outputs])
    if (tensor.shape.length !== 2 || tensor.shape[1] === null)
      throw invalid(
        `shape [${tensor.shape.map(String).join(', ')}] at layer "${tensor.sourceLayer.name}"`,
        '[null, width]',
      )
  const stateful = model.layers.find(layer => layer.stateful)
  if (stateful)
    throw invalid(`layer "${stateful.name}" with a state of its own`, 'layers without memory: the state is z')
}

function isComplete(model: LayersModel): boolean {
  try {
    return model.outputs.length > 0
  } catch {
    return false
  }
}

/** What a user's function has returned for z, checked. */
export function checkedSlopes(slopes: unknown, z: tf.Tensor): tf.Tensor {
  if (slopes instanceof tf.Tensor && String(slopes.shape) === String(z.shape)) return slopes
  const received = slopes instanceof tf.Tensor ? `a tensor [${slopes.shape}]` : `${slopes}`
  throw invalid(received, `a tensor [${z.shape}], the shape of z`)
}

function lastSize(shape: readonly (number | null)[]): number {
  return shape.at(-1)!
}

function invalid(received: string, expected: string): ContraflowError {
  return new ContraflowError('TENSOR_MODEL_INVALID', { received, expected })
}
