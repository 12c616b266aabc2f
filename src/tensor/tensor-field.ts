import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { ContraflowError } from '../errors.js'
import type { LinkedField, TensorField } from './contract.js'
import { fuse } from './fuse.js'
import { fusedField } from './fused-field.js'
import { nameFault } from './name-fault.js'
import { RowField } from './row-field.js'
import { checkedSlopes, isModel, modelFunction, type TensorDynamics, type TensorFunction } from './tensor-function.js'
import { usedVariables } from './used-variables.js'

/** What `tensorField` cannot find out from a model or a function, or should do otherwise than it would. */
export interface TensorFieldOptions {
  /** d; needed for a function, known from a model. */
  readonly dimension?: number
  /** What is learned. Default: for a model its trainable weights, for a function every trainable variable it uses. */
  readonly variables?: readonly tf.Variable[]
  /** Does f depend on t? Default: a function is asked, a model shows it by its inputs. */
  readonly time?: boolean
  /** Compile a stack of dense layers to the kernel of `mlp`, float64. Default true; no effect on a function. */
  readonly fuse?: boolean
  /** false: a fused field takes its start from the variables and then leaves them alone, which is quicker. Default true. */
  readonly share?: boolean
}

/**
 * A LayersModel, or a function of tensors, as a vector field. θ is float64, the variables are float32 and shared: `prepare`,
 * which every sweep calls, copies what has changed on one side to the other. No tensor outlives a call.
 *
 * A model made of dense layers runs in the kernel of `mlp` in float64, without TensorFlow.js; everything else in TensorFlow.js
 * by its autodiff, in float32: about seven digits, so tolerances below 1e-6 are out of reach. Needs an active backend: see
 * `loadBackend`.
 * @throws ContraflowError TENSOR_MODEL_INVALID, TENSOR_OPERATION_FAILED where f cannot be computed or differentiated;
 * both name the layer.
 */
export function tensorField(f: LayersModel | TensorDynamics, options: TensorFieldOptions = {}): TensorField {
  requireEngine()
  try {
    return isModel(f) ? fieldOfModel(f, options) : fieldOfFunction(f, options)
  } catch (error) {
    throw nameFault(f, error)
  }
}

function fieldOfFunction(f: TensorDynamics, options: TensorFieldOptions): TensorField {
  return new RowField(f, functionOf(f, options), 'not fused: a function, not a model of layers').rehearse()
}

/** @see tensorField */
export function fieldOfModel(f: LayersModel, options: TensorFieldOptions): LinkedField {
  const described = modelFunction(f)
  if (options.dimension !== undefined && options.dimension !== described.dimension)
    throw new ContraflowError('DIMENSION_MISMATCH', {
      received: `model "${f.name}" of dimension ${described.dimension}`,
      expected: `a model of dimension ${options.dimension}`,
    })
  const { variables = described.variables, time = described.time } = options
  const plan = fuse(f)
  const wanted = options.fuse !== false && options.variables === undefined
  if (wanted && typeof plan !== 'string') return fusedField(plan, variables, options.share)
  const reason = typeof plan === 'string' ? plan : 'fusing was switched off'
  return new RowField(f, { ...described, variables, time }, `not fused: ${reason}`).rehearse()
}

/** Is there something to compute with? */
export function requireEngine(): void {
  if (tf.engine().backendName) return
  throw new ContraflowError('TENSORFLOW_MISSING', {
    received: 'no active backend',
    remedy: 'Call await loadBackend() first, or tf.setBackend and tf.ready of your own.',
  })
}

function functionOf(f: TensorDynamics, { dimension, variables, time }: TensorFieldOptions): TensorFunction {
  if (dimension === undefined || !Number.isInteger(dimension) || dimension < 1)
    throw new ContraflowError('OPTION_INVALID', { received: `dimension: ${dimension}`, expected: 'the length of z' })
  const apply = (t: tf.Tensor2D, z: tf.Tensor2D) => f(t, z)
  if (variables !== undefined && time !== undefined) return { dimension, variables, time, apply }
  const used = tf.tidy(() => {
    const [t, z] = [tf.zeros<tf.Rank.R2>([1, 1]), tf.zeros<tf.Rank.R2>([1, dimension])]
    return usedVariables(() => checkedSlopes(f(t, z), z), [t])
  })
  return { dimension, variables: variables ?? used.variables, time: time ?? used.inputs[0] ?? true, apply }
}
