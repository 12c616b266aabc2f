/**
 * What an observation does to the state: z⁺ = g(z⁻, y; φ). Channels that were not measured (NaN in y) have no effect.
 * The observed channels are the first components of z: h(z) = (z₀ … z_{c−1}).
 */
export interface UpdateMap {
  /** φ; optimizers write into it. */
  readonly parameters: Float64Array
  /** Never changes the state: observations may then be read from inside a step. Default false. */
  readonly passive?: boolean
  /** Writes g(z, y) into zPlus [d]. */
  apply(z: Float64Array, y: Float64Array, zPlus: Float64Array): void
  /**
   * Pulls the adjoint a = a⁺ [d] back through the jump, in place: a becomes (∂g/∂z)ᵀ a⁺, which *replaces* it.
   * Adds (∂g/∂φ)ᵀ a⁺ to aphi and, where it is given, (∂g/∂y)ᵀ a⁺ to ay [channels].
   * @param z The state *before* the jump.
   */
  vjp(z: Float64Array, y: Float64Array, a: Float64Array, aphi: Float64Array, ay?: Float64Array): void
}
