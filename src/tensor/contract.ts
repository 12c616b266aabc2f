import type { Variable } from '@tensorflow/tfjs-core'
import type { VectorField } from '../field/vector-field.js'

/** A vector field whose parameters are variables of TensorFlow.js. */
export interface TensorField extends VectorField {
  /** In the order of θ; a fused field has the layout of `mlp`, layer by layer, weights [out × in] then bias. */
  readonly variables: readonly Variable[]
  /** Does it run in the kernel of `mlp` instead of in TensorFlow.js? */
  readonly fused: boolean
  /** Why, or why not. */
  readonly explanation: string
  /** Parameters and variables become the same; what has changed since the last time is copied, θ first. */
  prepare(): void
  /** f of many states at once: times [B], states [B × d] to slopes [B × d]. */
  evaluateBatch(times: Float64Array, states: Float64Array, slopes: Float64Array): void
  /**
   * vjps of many states at once: adds aᵀ∂f/∂z to az [B × d] and aᵀ∂f/∂t to at [B], row by row, and their sum aᵀ∂f/∂θ to
   * atheta [p].
   */
  vjpBatch(
    batch: { readonly times: Float64Array; readonly states: Float64Array; readonly adjoints: Float64Array },
    az: Float64Array,
    atheta: Float64Array,
    at: Float64Array,
  ): void
}

/** A tensor field that can say which gradient belongs to which variable. */
export interface LinkedField extends TensorField {
  /** A vector laid out like θ, in the shapes of `variables`, as float32. */
  toVariables(vector: Float64Array): Float32Array[]
}
