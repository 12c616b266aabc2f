/** TensorFlow.js models as vector fields, and solvers as operations of TensorFlow.js. Needs its optional dependencies. */

export type { BackendName, TensorOptimizerName } from '../names.js'
export {
  type BackendAttempt,
  type BackendReport,
  describeBackend,
  loadBackend,
  requireBackend,
} from './backend.js'
export type { TensorField } from './contract.js'
export { fileIo } from './file-io.js'
export { modelOfMlp } from './model-of-mlp.js'
export { NeuralOde, type NeuralOdeConfig } from './neural-ode.js'
export { type OdeFunction, type OdeintOptions, odeint } from './odeint.js'
export { type TensorFieldOptions, tensorField } from './tensor-field.js'
export type { TensorDynamics } from './tensor-function.js'
export {
  type StatefulOptimizer,
  type TensorOptimizerOptions,
  tensorOptimizer,
} from './tensor-optimizer.js'
