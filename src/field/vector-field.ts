import type { WholeSteps } from './whole-steps.js'

/**
 * f(t, z; θ), in place on typed arrays. The solver and the adjoint know nothing else about a model.
 *
 * `evaluate` and `vjp` are called many thousand times a second and must not allocate. Both must leave `z` and `a` as they
 * were, and must give the same bits for the same input.
 */
export interface VectorField {
  /** d, the length of z. */
  readonly dimension: number
  /** θ, length p, row-major where it holds matrices. Optimizers write into it. */
  readonly parameters: Float64Array
  /** Does f depend on t? Default true. For a field that does not, a·f is constant between observations. */
  readonly timeDependent?: boolean
  /** Numbers one evaluation leaves for its vjp (activations). Default 0: vjp computes everything anew. */
  readonly keeps?: number
  /** Writes f(t, z; θ) into dz [d], and what its vjp can use into `kept` [keeps] when that is given. */
  evaluate(t: number, z: Float64Array, dz: Float64Array, kept?: Float64Array): void
  /**
   * Adds aᵀ∂f/∂z to az [d] and aᵀ∂f/∂θ to atheta [p]; returns aᵀ∂f/∂t.
   * @param kept What `evaluate` left at the same t and z under the same θ.
   */
  vjp(t: number, z: Float64Array, a: Float64Array, az: Float64Array, atheta: Float64Array, kept?: Float64Array): number
  /** Whole steps at once, where the field can do that. */
  readonly wholeSteps?: WholeSteps
  /** Writes ∂f/∂z into jacobian [d × d], row-major. Without it, implicit methods make it of d vjps. */
  jacobian?(t: number, z: Float64Array, jacobian: Float64Array): void
  /** Called before a sweep: the parameters may have changed since the last one. Until then a field may go on with the old ones. */
  prepare?(): void
  /** From now on, vjp may hold back what it adds to this very `atheta`, until `settle`: a sweep adds a hundred times to the same one. */
  gather?(atheta: Float64Array): void
  /** Adds what was held back. */
  settle?(): void
}
