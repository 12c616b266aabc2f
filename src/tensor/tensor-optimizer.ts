import * as tf from '@tensorflow/tfjs-core'
import { ContraflowError } from '../errors.js'
import { TENSOR_OPTIMIZER_NAMES, type TensorOptimizerName } from '../names.js'
import { requireEngine } from './tensor-field.js'

/** Which optimizer, and what it is told; whatever is left out is as TensorFlow.js has it. */
export interface TensorOptimizerOptions {
  /** As TensorFlow.js calls it. */
  readonly name: TensorOptimizerName
  /** Default 0.003. */
  readonly rate?: number
  /** momentum (default 0.9), rmsprop (0). */
  readonly momentum?: number
  /** Decay of the mean: adam, adamax. */
  readonly beta1?: number
  /** Decay of the mean of squares: adam, adamax. */
  readonly beta2?: number
  /** Of the running mean of squares: rmsprop (0.9), adadelta (0.95). */
  readonly decay?: number
  /** adadelta, adam, adamax, rmsprop. */
  readonly epsilon?: number
}

/**
 * An optimizer as a learner takes it (`CustomOptimizer.create` returns one): float64 vectors of a fixed length, and a state that a checkpoint
 * can hold.
 */
export interface StatefulOptimizer {
  /** Everything that must be stored to go on exactly; written in place on restore. */
  readonly state: Readonly<Record<string, Float64Array>>
  /** Updates the parameters [p] in place, by a finite gradient [p], which may be overwritten. */
  update(parameters: Float64Array, gradient: Float64Array): void
}

/**
 * Optimizers of TensorFlow.js for float64 parameters. Each step starts from a float32 variable of zeros, so that what is added
 * to a parameter has the digits of float32 however large the parameter is; none of these optimizers looks at the
 * parameter itself. State between updates is kept outside of TensorFlow.js: it can be stored, and all optimizers of one
 * length share their tensors.
 * @param options One of `tf.train`, or your own `tf.Optimizer`, whose state must be in variables.
 * @returns Makes one for so many parameters.
 */
export function tensorOptimizer(
  options: TensorOptimizerOptions | { readonly create: () => tf.Optimizer },
): (length: number) => StatefulOptimizer {
  requireEngine()
  const create = 'create' in options ? options.create : () => named(options)
  const cores = new Map<number, Core>()
  return length => {
    if (length === 0) return { state: {}, update: () => {} }
    const core = cores.get(length) ?? new Core(create, length)
    cores.set(length, core)
    const state = Object.fromEntries(core.starts.map((values, k) => [`tensor-${k}`, Float64Array.from(values)]))
    const arrays = Object.values(state)
    return { state, update: (parameters, gradient) => core.update(arrays, parameters, gradient) }
  }
}

/** The tensors of all optimizers of one length; between updates they belong to nobody. */
class Core {
  /** What every state variable starts as. */
  readonly starts: readonly Float32Array[]
  readonly #change: tf.Variable
  readonly #optimizer: tf.Optimizer
  readonly #variables: readonly tf.Variable[]

  constructor(create: () => tf.Optimizer, length: number) {
    this.#change = tf.tidy(() => tf.variable(tf.zeros([length])))
    const { optimizer, variables } = withState(create, this.#change)
    this.#optimizer = optimizer
    this.#variables = variables
    this.starts = variables.map(variable => variable.dataSync().slice() as Float32Array)
  }

  update(state: readonly Float64Array[], parameters: Float64Array, gradient: Float64Array): void {
    const change = this.#change
    tf.tidy(() => {
      this.#variables.forEach((variable, k) => {
        variable.assign(tf.tensor(Float32Array.from(state[k]!), variable.shape))
      })
      change.assign(tf.zeros(change.shape))
      this.#optimizer.applyGradients({ [change.name]: tf.tensor1d(Float32Array.from(gradient)) })
      this.#variables.forEach((variable, k) => {
        state[k]!.set(variable.dataSync())
      })
      const step = change.dataSync()
      for (let i = 0; i < parameters.length; i++) parameters[i]! += step[i]!
    })
  }
}

/** An optimizer and the variables it keeps, which it makes when it is made and at its first step, with their start values. */
function withState(
  create: () => tf.Optimizer,
  change: tf.Variable,
): { readonly optimizer: tf.Optimizer; readonly variables: tf.Variable[] } {
  const registered = () => Object.values(tf.engine().registeredVariables)
  const known = new Set(registered())
  const optimizer = create()
  const early = registered().filter(variable => !known.has(variable))
  const starts = early.map(variable => variable.dataSync().slice())
  // Along a gradient of zero nothing gathers in what the first step makes.
  tf.tidy(() => optimizer.applyGradients({ [change.name]: tf.zeros(change.shape) }))
  tf.tidy(() => {
    early.forEach((variable, k) => {
      variable.assign(tf.tensor(starts[k]!, variable.shape))
    })
  })
  return { optimizer, variables: registered().filter(variable => !known.has(variable)) }
}

function named({ name, rate = 0.003, momentum, beta1, beta2, decay, epsilon }: TensorOptimizerOptions): tf.Optimizer {
  switch (name) {
    case 'sgd':
      return tf.train.sgd(rate)
    case 'momentum':
      return tf.train.momentum(rate, momentum ?? 0.9)
    case 'adagrad':
      return tf.train.adagrad(rate)
    case 'adadelta':
      return tf.train.adadelta(rate, decay, epsilon)
    case 'adam':
      return tf.train.adam(rate, beta1, beta2, epsilon)
    case 'adamax':
      return tf.train.adamax(rate, beta1, beta2, epsilon)
    case 'rmsprop':
      return tf.train.rmsprop(rate, decay, momentum, epsilon)
    default:
      throw new ContraflowError('OPTION_INVALID', {
        received: `optimizer ${JSON.stringify(name satisfies never)}`,
        expected: TENSOR_OPTIMIZER_NAMES.join(', '),
      })
  }
}
