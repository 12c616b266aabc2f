import * as tf from '@tensorflow/tfjs-core'
import type { LinkedField } from './contract.js'
import { isolated } from './isolated.js'
import { nameFault } from './name-fault.js'
import { checkedSlopes, type TensorFunction } from './tensor-function.js'
import { slotsOf, VariableLink } from './variable-link.js'

/** States [B × d] at their times [B]; for a vjp with adjoints [B × d]. */
interface Batch {
  readonly times: Float64Array
  readonly states: Float64Array
  readonly adjoints?: Float64Array
}

/** A field that TensorFlow.js computes and differentiates, in float32. */
export class DirectField implements LinkedField {
  readonly dimension: number
  readonly parameters: Float64Array
  readonly timeDependent: boolean
  readonly variables: readonly tf.Variable[]
  readonly fused = false
  readonly explanation: string
  readonly #source: unknown
  readonly #function: TensorFunction
  readonly #link: VariableLink
  readonly #time = new Float64Array(1)
  readonly #byTime = new Float64Array(1)

  /** @param source What the user gave, to name the layer when something fails. */
  constructor(source: unknown, described: TensorFunction, explanation: string) {
    const { dimension, time, variables } = described
    this.dimension = dimension
    this.timeDependent = time
    this.variables = variables
    this.explanation = explanation
    this.#source = source
    this.#function = described
    this.parameters = new Float64Array(variables.reduce((sum, { size }) => sum + size, 0))
    this.#link = new VariableLink(slotsOf(variables), this.parameters)
  }

  prepare(): void {
    this.#link.synchronise()
  }

  evaluate(t: number, z: Float64Array, dz: Float64Array): void {
    this.#time[0] = t
    this.evaluateBatch(this.#time, z, dz)
  }

  vjp(t: number, z: Float64Array, a: Float64Array, az: Float64Array, atheta: Float64Array): number {
    this.#time[0] = t
    this.#byTime[0] = 0
    this.vjpBatch({ times: this.#time, states: z, adjoints: a }, az, atheta, this.#byTime)
    return this.#byTime[0]!
  }

  toVariables(vector: Float64Array): Float32Array[] {
    return this.#link.toVariables(vector)
  }

  evaluateBatch(times: Float64Array, states: Float64Array, slopes: Float64Array): void {
    this.#guard(() =>
      isolated(() =>
        tf.tidy(() => {
          const { t, z } = this.#tensors({ times, states })
          slopes.set(this.#apply(t, z).dataSync())
        }),
      ),
    )
  }

  vjpBatch(batch: Required<Batch>, az: Float64Array, atheta: Float64Array, at: Float64Array): void {
    this.#guard(() =>
      isolated(() =>
        tf.tidy(() => {
          const { t, z, a } = this.#tensors(batch)
          const inputs = this.timeDependent ? [z, t, ...this.variables] : [z, ...this.variables]
          const { grads } = tf.engine().gradients(() => this.#apply(t, z), inputs, a, true)
          addTo(az, 0, grads[0])
          if (this.timeDependent) addTo(at, 0, grads[1])
          let offset = 0
          this.variables.forEach((variable, k) => {
            addTo(atheta, offset, grads[inputs.length - this.variables.length + k])
            offset += variable.size
          })
        }),
      ),
    )
  }

  #tensors({ times, states, adjoints }: Batch): { t: tf.Tensor2D; z: tf.Tensor2D; a: tf.Tensor2D | undefined } {
    const shape: [number, number] = [times.length, this.dimension]
    return {
      t: tf.tensor2d(Float32Array.from(times), [times.length, 1]),
      z: tf.tensor2d(Float32Array.from(states), shape),
      a: adjoints && tf.tensor2d(Float32Array.from(adjoints), shape),
    }
  }

  #apply(t: tf.Tensor2D, z: tf.Tensor2D): tf.Tensor {
    return checkedSlopes(this.#function.apply(t, z), z)
  }

  /** Computes and differentiates once: what cannot be done shows before a stream begins. */
  rehearse(): this {
    const unused = () => new Float64Array(this.dimension)
    this.evaluate(0, unused(), unused())
    this.vjp(0, unused(), unused(), unused(), new Float64Array(this.parameters.length))
    return this
  }

  #guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      throw nameFault(this.#source, error)
    }
  }
}

/** A gradient that does not exist is zero. */
function addTo(sum: Float64Array, offset: number, gradient: tf.Tensor | null | undefined): void {
  if (gradient == null) return
  const values = gradient.dataSync()
  for (let i = 0; i < values.length; i++) sum[offset + i]! += values[i]!
}
