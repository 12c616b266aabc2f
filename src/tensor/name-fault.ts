import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { ContraflowError } from '../errors.js'
import { isolated } from './isolated.js'
import { isModel } from './tensor-function.js'

/** What TensorFlow.js could not do, as an error that names the layer where there is one. */
export function nameFault(f: unknown, error: unknown): ContraflowError {
  if (error instanceof ContraflowError) return error
  const { message } = error as Error
  const layer = isModel(f) ? faultyLayer(f) : undefined
  const place = layer === undefined ? {} : { place: `layer "${layer}"` }
  const received = `${message.trim().split('\n')[0]} (backend ${tf.getBackend()})`
  return new ContraflowError('TENSOR_OPERATION_FAILED', { received, ...place }, { cause: error })
}

/** Each layer alone, on zeros of its shape: the first that cannot be computed and differentiated. */
function faultyLayer({ layers }: LayersModel): string | undefined {
  const faulty = layers.find(layer => {
    if (layer.getClassName() === 'InputLayer') return false
    try {
      isolated(() =>
        tf.tidy(() => {
          const tensors = layer.inboundNodes[0]?.inputTensors ?? []
          const inputs = tensors.map(({ shape }) => tf.zeros(shape.map(size => size ?? 1)))
          const call = () => layer.apply(inputs.length === 1 ? inputs[0]! : inputs, { training: false }) as tf.Tensor
          const variables = layer.trainableWeights.map(weight => weight.read())
          tf.engine().gradients(call, [...inputs, ...variables], undefined, true)
        }),
      )
      return false
    } catch {
      return true
    }
  })
  return faulty?.name
}
