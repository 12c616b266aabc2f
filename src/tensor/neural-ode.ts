import * as tf from '@tensorflow/tfjs-core'
import * as layers from '@tensorflow/tfjs-layers'
import { ContraflowError } from '../errors.js'
import { type OdeintOptions, odeint } from './odeint.js'

/** What every layer takes: name, trainable, inputShape … */
type LayerConfig = NonNullable<ConstructorParameters<typeof layers.layers.Layer>[0]>

/** A layer z(t_0) → z(t_end), or → z at all times. */
export interface NeuralOdeConfig extends Omit<OdeintOptions, 'variables'>, LayerConfig {
  /** f: z [null, d] to [null, d]; as in `tensorField` it may take t. */
  readonly dynamics: layers.LayersModel
  /** Where the solution is wanted; the input is the state at the first. Default [0, 1]. */
  readonly times?: readonly number[]
  /** `last` gives [batch, d], `path` [batch, times, d]. Default last. */
  readonly returns?: 'last' | 'path'
}

/** How a model in a configuration is written down. */
interface SerialisedModel {
  readonly className: string
  readonly config: tf.serialization.ConfigDict
}

/**
 * A layer of a LayersModel that solves z' = f(t, z) for its input, with f a model whose weights are the layer's. Trained by
 * `fit` like any other, saved and loaded with the model; import `contraflow/tensor` before loading one.
 * @throws ContraflowError DIMENSION_MISMATCH when the input is not [null, d].
 */
export class NeuralOde extends layers.layers.Layer {
  /** Its name in saved models. */
  static readonly className = 'NeuralOde'
  /** f, from state to derivative; its weights are the weights of the layer. */
  readonly dynamics: layers.LayersModel
  /** t_0 and where the solution is read. */
  readonly times: readonly number[]
  /** The last state, or all of them. */
  readonly returns: 'last' | 'path'
  readonly #options: Omit<OdeintOptions, 'variables'>

  constructor(config: NeuralOdeConfig) {
    const {
      dynamics,
      times = [0, 1],
      returns = 'last',
      method,
      rtol,
      atol,
      step,
      maxSteps,
      adjoint,
      meet,
      ...layer
    } = config
    super(layer)
    this.dynamics = dynamics
    this.times = times
    this.returns = returns
    const options = { method, rtol, atol, step, maxSteps, adjoint, meet }
    this.#options = Object.fromEntries(Object.entries(options).filter(([, value]) => value != null))
  }

  override build(inputShape: layers.Shape | layers.Shape[]): void {
    const width = dimensionOf(this.dynamics)
    const [shape, ...others] = shapesOf(inputShape)
    if (others.length > 0 || shape?.length !== 2 || shape[1] !== width)
      throw new ContraflowError('DIMENSION_MISMATCH', {
        received: `input [${shapesOf(inputShape)
          .map(sizes => sizes.map(String).join(', '))
          .join('] and [')}] of layer "${this.name}"`,
        expected: `[null, ${width}], the state of its dynamics`,
      })
    if (!this.dynamics.built) this.dynamics.build(this.dynamics.inputs.map(input => input.shape) as never)
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const z0 = Array.isArray(inputs) ? inputs[0]! : inputs
      const path = odeint(this.dynamics, z0, this.times, this.#options)
      if (this.returns === 'path') return tf.transpose(path, [1, 0, 2])
      const last = this.times.length - 1
      return tf.reshape(tf.slice(path, [last, 0, 0], [1, ...z0.shape]), z0.shape)
    })
  }

  override computeOutputShape(inputShape: layers.Shape | layers.Shape[]): layers.Shape {
    const [batch, width] = shapesOf(inputShape)[0]!
    return this.returns === 'last' ? [batch!, width!] : [batch!, this.times.length, width!]
  }

  /** Those of `dynamics`. */
  override get trainableWeights(): layers.LayerVariable[] {
    return this.trainable ? this.dynamics.trainableWeights : []
  }

  /** Those of `dynamics`. */
  override get nonTrainableWeights(): layers.LayerVariable[] {
    return this.trainable ? this.dynamics.nonTrainableWeights : this.dynamics.weights
  }

  override getWeights(): tf.Tensor[] {
    return this.dynamics.getWeights()
  }

  override setWeights(weights: tf.Tensor[]): void {
    this.dynamics.setWeights(weights)
  }

  override getConfig(): tf.serialization.ConfigDict {
    const dynamics = { className: this.dynamics.getClassName(), config: this.dynamics.getConfig() }
    const own = { dynamics, times: [...this.times], returns: this.returns, ...this.#options }
    return { ...super.getConfig(), ...own } as unknown as tf.serialization.ConfigDict
  }

  /** The layer of a saved model. @throws ContraflowError TENSOR_MODEL_INVALID for `dynamics` of a class that nobody knows. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const { className, config: inner } = config.dynamics as unknown as SerialisedModel
    const [model, fromConfig] = tf.serialization.SerializationMap.getMap().classNameMap[className] ?? []
    if (model === undefined || fromConfig === undefined)
      throw new ContraflowError('TENSOR_MODEL_INVALID', {
        received: `dynamics of the unknown class ${JSON.stringify(className)}`,
        expected: 'a class that TensorFlow.js knows, or that was registered before loading',
      })
    return new cls({ ...config, dynamics: fromConfig(model, inner) } as never)
  }
}

tf.serialization.registerClass(NeuralOde)

function dimensionOf(model: layers.LayersModel): number {
  return model.outputs[0]!.shape.at(-1)!
}

function shapesOf(shape: layers.Shape | layers.Shape[]): layers.Shape[] {
  return (Array.isArray(shape[0]) ? shape : [shape]) as layers.Shape[]
}
