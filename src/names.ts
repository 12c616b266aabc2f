/** Names that files and options use. What they stand for is in the folder of each; the compiler sees that none is missing. */

export const TABLEAU_NAMES = [
  'euler',
  'midpoint',
  'ralston',
  'heun',
  'fehlberg2',
  'heun3',
  'bosh3',
  'rk4',
  'rk4-38',
  'dopri5',
  'tsit5',
  'verner7',
  'dopri8',
  'kvaerno3',
  'kvaerno5',
] as const
/** Names of the Runge–Kutta methods. */
export type TableauName = (typeof TABLEAU_NAMES)[number]

/** `auto` is tsit5 where the field is not stiff and kvaerno5 where it is. */
export const METHOD_NAMES = [...TABLEAU_NAMES, 'auto'] as const
/** Names of the methods, `auto` among them. */
export type MethodName = (typeof METHOD_NAMES)[number]

export const ADJOINT_NAMES = ['discrete', 'interpolating', 'backsolve'] as const
/** Names of the adjoints. */
export type AdjointName = (typeof ADJOINT_NAMES)[number]

export const ACTIVATION_NAMES = ['identity', 'tanh', 'relu', 'softplus', 'sigmoid', 'silu'] as const
/** Names of the activations. */
export type ActivationName = (typeof ACTIVATION_NAMES)[number]

export const PRECISION_NAMES = ['f64', 'f32'] as const
/** Floating-point numbers that a field computes with: 64 or 32 bits. */
export type Precision = (typeof PRECISION_NAMES)[number]

export const UPDATE_NAMES = ['none', 'replace', 'gain', 'gru'] as const
/** Names of the update maps. */
export type UpdateName = (typeof UPDATE_NAMES)[number]

export const LOSS_NAMES = ['squared', 'absolute', 'huber', 'gaussian'] as const
/** Names of the losses. */
export type LossName = (typeof LOSS_NAMES)[number]

export const SYSTEM_NAMES = ['van-der-pol', 'lotka-volterra', 'pendulum', 'lorenz', 'spiral'] as const
/** Names of the simulated systems. */
export type SystemName = (typeof SYSTEM_NAMES)[number]

export const OVERFLOW_POLICIES = ['block', 'skip-update', 'drop-oldest', 'drop-newest', 'coalesce'] as const
/** What happens when more comes than can be learned. */
export type OverflowPolicy = (typeof OVERFLOW_POLICIES)[number]

export const SINK_POLICIES = ['block', 'drop-oldest', 'drop-newest', 'coalesce'] as const
/** What happens when messages come faster than a sink takes them. */
export type SinkPolicy = (typeof SINK_POLICIES)[number]

export const TIME_UNITS = ['s', 'ms', 'us', 'ns'] as const
/** Units that times may come in. */
export type TimeUnit = (typeof TIME_UNITS)[number]
/** The units of time in words. */
export const UNIT_NAMES: Readonly<Record<TimeUnit, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
}

/** Backends of TensorFlow.js, the fastest first: native library, WebAssembly, plain JavaScript. */
export const TENSOR_BACKENDS = ['node', 'wasm', 'cpu'] as const
/** Name of a backend of TensorFlow.js. */
export type BackendName = (typeof TENSOR_BACKENDS)[number]

/** Optimizers of TensorFlow.js, by the names of `tf.train`. */
export const TENSOR_OPTIMIZER_NAMES = ['sgd', 'momentum', 'adagrad', 'adadelta', 'adam', 'adamax', 'rmsprop'] as const
/** Name of an optimizer of TensorFlow.js. */
export type TensorOptimizerName = (typeof TENSOR_OPTIMIZER_NAMES)[number]

/** What a token may let a subscriber do: get what is published, ask for forecasts, read the counters over HTTP. */
export const TOKEN_SCOPES = ['subscribe', 'forecast', 'metrics'] as const
/** Something that a token may allow. */
export type TokenScope = (typeof TOKEN_SCOPES)[number]

/** Versions of TLS that are safe to speak. */
export const TLS_VERSIONS = ['1.2', '1.3'] as const
/** A version of TLS. */
export type TlsVersion = (typeof TLS_VERSIONS)[number]
