/**
 * A differentiable map x ↦ g(t, x; θ) from any number of inputs to any number of outputs: what vector fields are built of whose
 * right-hand side sees more than the state, or gives less than its derivative. The rules are those of `VectorField`.
 */
export interface Mapping {
  /** Length of x. */
  readonly inputs: number
  /** Length of y. */
  readonly outputs: number
  /** θ, length p. */
  readonly parameters: Float64Array
  /** Does g depend on t? Default true. */
  readonly timeDependent?: boolean
  /** Writes g(t, x; θ) into y [outputs]. */
  evaluate(t: number, x: Float64Array, y: Float64Array): void
  /** Adds aᵀ∂g/∂x to ax [inputs] and aᵀ∂g/∂θ to atheta [p]; returns aᵀ∂g/∂t. */
  vjp(t: number, x: Float64Array, a: Float64Array, ax: Float64Array, atheta: Float64Array): number
  /** Called before a sweep: the parameters may have changed since the last one. */
  prepare?(): void
  /** See `VectorField`. */
  gather?(atheta: Float64Array): void
  /** See `VectorField`. */
  settle?(): void
}
