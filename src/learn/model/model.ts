import { gain } from '../../adjoint/update/gain.js'
import { gru, gruLength } from '../../adjoint/update/gru.js'
import { none } from '../../adjoint/update/none.js'
import { replace } from '../../adjoint/update/replace.js'
import type { UpdateMap } from '../../adjoint/update/update-map.js'
import { type MlpLayout, type MlpShape, mlp, mlpLayout, mlpShape } from '../../field/mlp.js'
import type { VectorField } from '../../field/vector-field.js'
import { type ActivationName, PRECISION_NAMES, type Precision, UPDATE_NAMES, type UpdateName } from '../../names.js'
import { Random } from '../../random.js'
import { requireCount, requireName } from '../../require-option.js'
import { adoptField, type CustomDynamics, isCustom, stateDimension } from './custom-dynamics.js'

/** The vector field of a model. */
export interface DynamicsOptions {
  /** Units of the hidden layers. Default [16]. */
  readonly hidden?: readonly number[]
  /** Default tanh. */
  readonly activation?: ActivationName
  /** t as an input, in typical gaps since the first observation. Default false. */
  readonly time?: boolean
  /** Adds A z. Default true. */
  readonly skip?: boolean
  /** f32 makes large fields twice as fast and leaves seven digits. Default f64. */
  readonly precision?: Precision
  /** false: plain TypeScript instead of SIMD kernels. Default true. */
  readonly kernel?: boolean
}

/** State, field and update map of a model. */
export interface ModelOptions {
  /** Observed channels. */
  readonly channels: number
  /** State dimensions beyond the channels; auto is one a channel. Default auto. */
  readonly augment?: number | 'auto'
  /** A perceptron of these layers, or a field of one's own. */
  readonly dynamics?: DynamicsOptions | CustomDynamics
  /** What an observation does to the state. Default gain. */
  readonly update?: UpdateName
  /** Default 1. */
  readonly seed?: number
}

/** A vector field and an update map over one vector of parameters. */
export interface Model {
  /** Observed, the first dimensions of the state. */
  readonly channels: number
  /** d: the channels first, then the augmented dimensions. */
  readonly dimension: number
  /** Everything that is learned: θ of the field, then φ of the update map. */
  readonly parameters: Float64Array
  /** Over the first part of `parameters`, in place. */
  readonly field: VectorField
  /** Of a perceptron; nothing for a field of one's own. */
  readonly shape?: MlpShape
  /** Over the second part of `parameters`, in place. */
  readonly update: UpdateMap
  /** How far each parameter may lie from its start: prior standard deviation, in the learner's units. */
  readonly spread: Float64Array
}

/** Prior standard deviations and start values that were tuned on simulated and recorded streams; see ARCHITECTURE.md. */
const PRIOR = {
  skip: 0.26,
  inner: { start: 2.4, spread: 0.36 },
  innerBias: { start: 0.5, spread: 0.2 },
  outer: 0.19,
  outerBias: 0.075,
  gain: 0.137,
}
/** An augmented dimension starts as the damped velocity of its channel: z' = v, v' = −0.3 v, and v gains 0.4 of an innovation. */
const VELOCITY = { damping: 0.3, gain: 0.4 }

/**
 * A model that starts as persistence: the field holds the state still but for the damped velocities, and the update map
 * takes over what was measured. Same seed, same model.
 */
export function createModel(options: ModelOptions): Model {
  const { channels, augment = 'auto', update = 'gain', seed = 1 } = options
  const dimension = stateDimension(channels, augment, options.dynamics)
  if (isCustom(options.dynamics)) return createCustomModel(options.dynamics, channels, update)
  const { precision, kernel } = options.dynamics ?? {}
  const shape = perceptron(dimension, options.dynamics)
  const layout = mlpLayout(shape)
  const parameters = new Float64Array(layout.length + updateLength(update, dimension, channels))
  const spread = new Float64Array(parameters.length)
  const theta = parameters.subarray(0, layout.length)
  const phi = parameters.subarray(layout.length)

  startField(shape, layout, theta, spread, new Random(seed))
  spread.fill(PRIOR.gain, layout.length)
  if (shape.skip) startVelocities(theta.subarray(layout.skip), channels, dimension)
  return {
    channels,
    dimension,
    parameters,
    spread,
    shape,
    field: mlp(shape, theta, { ...(precision && { precision }), ...(kernel === undefined ? {} : { kernel }) }),
    update: startUpdate(update, dimension, channels, phi),
  }
}

/** @throws ContraflowError OPTION_INVALID for what `createModel` could not make, whatever the channels. */
export function requireModel({ augment = 'auto', dynamics, update = 'gain' }: Omit<ModelOptions, 'channels'>): void {
  if (augment !== 'auto') requireCount('augment', augment, 0)
  requireName('update', update, UPDATE_NAMES)
  if (isCustom(dynamics)) return
  perceptron(1, dynamics)
  requireName('precision', dynamics?.precision ?? 'f64', PRECISION_NAMES)
}

/** Of a state of so many dimensions. */
function perceptron(dimension: number, dynamics: DynamicsOptions = {}): MlpShape {
  const { hidden = [16], activation = 'tanh', time = false, skip = true } = dynamics
  return mlpShape({ dimension, hidden, activation, time, skip })
}

function createCustomModel(dynamics: CustomDynamics, channels: number, update: UpdateName): Model {
  const field = dynamics.create()
  const { dimension } = field
  const length = field.parameters.length
  const parameters = new Float64Array(length + updateLength(update, dimension, channels))
  return {
    channels,
    dimension,
    parameters,
    spread: new Float64Array(parameters.length).fill(dynamics.spread ?? 0.1).fill(PRIOR.gain, length),
    field: adoptField(field, parameters.subarray(0, length), dynamics.name),
    update: startUpdate(update, dimension, channels, parameters.subarray(length)),
  }
}

/** Random features inside, zero outside: f = 0 whatever the features are. */
function startField(
  shape: MlpShape,
  layout: MlpLayout,
  theta: Float64Array,
  spread: Float64Array,
  random: Random,
): void {
  const dimension = shape.layers.at(-1)!.outputs
  shape.layers.forEach((layer, l) => {
    const [weights, bias, end] = [layout.weights[l]!, layout.biases[l]!, layout.biases[l]! + layer.outputs]
    const inner = l + 1 < shape.layers.length
    spread.fill(inner ? PRIOR.inner.spread / Math.sqrt(layer.inputs) : PRIOR.outer, weights, bias)
    spread.fill(inner ? PRIOR.innerBias.spread : PRIOR.outerBias, bias, end)
    if (!inner) return
    for (let i = weights; i < bias; i++) theta[i] = (PRIOR.inner.start / Math.sqrt(layer.inputs)) * random.normal()
    for (let i = bias; i < end; i++) theta[i] = PRIOR.innerBias.start * random.normal()
  })
  spread.fill(PRIOR.skip / Math.sqrt(dimension), layout.skip, layout.length)
}

function startVelocities(skip: Float64Array, channels: number, dimension: number): void {
  for (let v = channels; v < dimension; v++) {
    skip[((v - channels) % channels) * dimension + v] = 1
    skip[v * dimension + v] = -VELOCITY.damping
  }
}

function updateLength(update: UpdateName, dimension: number, channels: number): number {
  return update === 'gain' ? dimension * channels : update === 'gru' ? gruLength(dimension, channels) : 0
}

/** An update map that starts by taking over what was measured. */
function startUpdate(update: UpdateName, dimension: number, channels: number, phi: Float64Array): UpdateMap {
  switch (update) {
    case 'none':
      return none()
    case 'replace':
      return replace()
    case 'gain':
      startGain(phi, channels, dimension)
      return gain(dimension, channels, phi)
    case 'gru':
      startGru(phi, channels, dimension)
      return gru(dimension, channels, phi)
    default:
      return update satisfies never
  }
}

function startGain(phi: Float64Array, channels: number, dimension: number): void {
  for (let j = 0; j < channels; j++) phi[j * channels + j] = 1
  for (let v = channels; v < dimension; v++) phi[v * channels + ((v - channels) % channels)] = VELOCITY.gain
}

/** Gates that are open to the channels and closed to the latent dimensions; a candidate of tanh(z + e) = tanh(y). */
function startGru(phi: Float64Array, channels: number, dimension: number): void {
  const width = 2 * channels + dimension
  const block = dimension * (width + 1)
  const bias = dimension * width
  for (let i = 0; i < dimension; i++) {
    phi[bias + i] = OPEN
    phi[block + bias + i] = i < channels ? -OPEN : OPEN
    if (i >= channels) continue
    phi[2 * block + i * width + i] = 1
    phi[2 * block + i * width + 2 * channels + i] = 1
  }
}

/** σ(3) = 0.95. */
const OPEN = 3
