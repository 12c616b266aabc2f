import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import type { SweepOptions } from '../adjoint/sweep.js'
import { ContraflowError } from '../errors.js'
import type { VectorField } from '../field/vector-field.js'
import type { AdjointName, MethodName } from '../names.js'
import { methodOf } from '../ode/method.js'
import { DirectField } from './direct-field.js'
import { rows } from './rows.js'
import { Solution } from './solution.js'
import { fieldOfModel, requireEngine } from './tensor-field.js'
import { checkedSlopes, isModel } from './tensor-function.js'
import { usedVariables } from './used-variables.js'

/** How `odeint` solves and differentiates. */
export interface OdeintOptions {
  /** Default tsit5. */
  readonly method?: MethodName
  /** Relative tolerance. Default 1e-5, about what float32 allows; a fused model is float64 and may have a smaller one. */
  readonly rtol?: number
  /** Absolute tolerance. Default 1e-7. */
  readonly atol?: number
  /** Fixed steps of at most this length. */
  readonly step?: number
  /** Steps allowed from one time to the next. Default 10 000. */
  readonly maxSteps?: number
  /** Default discrete: the exact derivative of what was computed. */
  readonly adjoint?: AdjointName
  /** Land a step on every time, or read them from dense output. Default what the method is better at. */
  readonly meet?: 'land' | 'interpolate'
  /** What f uses. Default: found by calling f once more. */
  readonly variables?: readonly tf.Variable[]
}

/** A right-hand side for `odeint`: t is a scalar, z and the result have the shape of z0. */
export type OdeFunction = (t: tf.Scalar, z: tf.Tensor) => tf.Tensor

/**
 * Solves z' = f(t, z) from z0 at times[0] through all times: an operation of TensorFlow.js, differentiable by z0, by times when
 * they are a tensor, and by every variable that f uses, so that it can stand in a loss, a layer, or `optimizer.minimize`.
 * A batch is solved as one system: its rows share their steps.
 *
 * @param f A function, or a LayersModel for z0 [batch, d] or [d]; one of dense layers runs in the fused float64 kernel.
 * @param times All ascending or all descending. As numbers they keep their float64 digits; as a tensor they are float32.
 * @returns z at all times [times, …shape of z0]; the first is z0.
 * @remarks Memory: the states of all stages, in JavaScript, until the gradient has been taken. First derivatives only.
 * @throws ContraflowError SOLVE_FAILED, TIME_NOT_MONOTONE, TENSOR_MODEL_INVALID, TENSOR_OPERATION_FAILED.
 */
export function odeint(
  f: OdeFunction | LayersModel,
  z0: tf.Tensor | tf.TensorLike,
  times: tf.Tensor1D | readonly number[],
  options: OdeintOptions = {},
): tf.Tensor {
  requireEngine()
  const { method = 'tsit5', rtol = 1e-5, atol = 1e-7, variables: given, ...rest } = options
  const solver = { ...rest, method: methodOf(method), rtol, atol }
  return tf.tidy(() => {
    const start = z0 instanceof tf.Tensor ? z0 : tf.tensor(z0, undefined, 'float32')
    return solveAsOperation(systemOf(f, start, given), solver, start, times)
  })
}

/** What is solved, and where its gradients go. */
interface System {
  readonly field: VectorField
  readonly variables: readonly tf.Variable[]
  toVariables(vector: Float64Array): Float32Array[]
}

function solveAsOperation(
  { field, variables, toVariables }: System,
  solver: SweepOptions,
  z0: tf.Tensor,
  times: tf.Tensor1D | readonly number[],
): tf.Tensor {
  const timeTensors = times instanceof tf.Tensor ? [times] : []
  const shape = [times instanceof tf.Tensor ? times.size : times.length, ...z0.shape]
  const operation = tf.customGrad(() => {
    const moments = times instanceof tf.Tensor ? Array.from(times.dataSync()) : times
    const solution = new Solution(field, solver, Float64Array.from(z0.dataSync()), moments)
    const gradFunc = (dy: tf.Tensor) => {
      const gradient = solution.pullBack(dy.dataSync(), timeTensors.length > 0)
      const byVariable = toVariables(gradient.parameters)
      return [
        tf.tensor(Float32Array.from(gradient.start), z0.shape),
        ...timeTensors.map(() => tf.tensor1d(gradient.times!)),
        ...variables.map((variable, k) => tf.tensor(byVariable[k]!, variable.shape)),
      ]
    }
    return { value: tf.tensor(Float32Array.from(solution.states), shape), gradFunc }
  })
  return operation(z0, ...timeTensors, ...variables)
}

function systemOf(f: OdeFunction | LayersModel, z0: tf.Tensor, given: readonly tf.Variable[] | undefined): System {
  return isModel(f) ? systemOfModel(f, z0) : systemOfFunction(f, z0, given)
}

function systemOfModel(model: LayersModel, z0: tf.Tensor): System {
  const linked = fieldOfModel(model, {})
  if (z0.rank > 2 || z0.rank === 0 || z0.shape.at(-1) !== linked.dimension)
    throw new ContraflowError('DIMENSION_MISMATCH', {
      received: `z0 [${z0.shape}]`,
      expected: `[batch, ${linked.dimension}] or [${linked.dimension}], as model "${model.name}" has it`,
    })
  const field = rows(linked, z0.size / linked.dimension)
  return { field, variables: linked.variables, toVariables: vector => linked.toVariables(vector) }
}

function systemOfFunction(f: OdeFunction, z0: tf.Tensor, given: readonly tf.Variable[] | undefined): System {
  const { shape, size } = z0
  const apply = (t: tf.Tensor, z: tf.Tensor) => checkedSlopes(f(tf.reshape(t, []), z), z)
  const variables = given ?? tf.tidy(() => usedVariables(() => apply(tf.scalar(0), tf.zeros(shape))).variables)
  const described = {
    dimension: size,
    time: true,
    variables,
    apply: (t: tf.Tensor, z: tf.Tensor) => tf.reshape(apply(t, tf.reshape(z, shape)), [1, size]),
  }
  const field = new DirectField(f, described, '')
  return { field, variables, toVariables: vector => field.toVariables(vector) }
}
