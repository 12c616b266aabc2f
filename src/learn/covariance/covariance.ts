/** The covariance P of the parameters, as the Kalman rule uses it. */
export interface Covariance {
  /** λ: what an update leaves of the evidence before it. */
  readonly forgetting: number
  /** Everything about it: name → array, written in place on restore. */
  readonly state: Readonly<Record<string, Float64Array>>
  /** P back to its prior. */
  reset(): void
  /** out[k] = P vectors[k]. */
  multiply(vectors: readonly Float64Array[], out: readonly Float64Array[]): void
  /** P ← (P − Σ_k u_k u_kᵀ / s_k) / λ, where `count` of the vectors are used; then what keeps forgetting from winding up. */
  update(vectors: readonly Float64Array[], weights: Float64Array, count: number): void
  /** P ← λ P − Σ_k u_k u_kᵀ / s_k: takes an update back, with negative s. u_k = λ P v_k is for the caller. */
  undo(vectors: readonly Float64Array[], weights: Float64Array, count: number): void
}
