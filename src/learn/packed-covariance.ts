/**
 * A symmetric positive definite matrix P, its lower triangle stored row by row, with forgetting that cannot wind up.
 *
 * Plain forgetting, P/λ at every update, lets P grow without bound in directions that the stream does not excite. So each
 * update also takes in one pseudo-observation, of one parameter in turn, with the variance that makes P return to its
 * prior where nothing else is learned: P⁻¹ → λ P⁻¹ + (1 − λ) P₀⁻¹, one direction at a time, at the cost of one rank.
 * @see Kulhavý & Zarrop 1993, doi:10.1080/00207179308923034 (stabilised forgetting).
 */
export class PackedCovariance {
  /** `covariance`: P, n(n+1)/2 numbers. `cursor`: the parameter whose turn is next. */
  readonly state: { readonly covariance: Float64Array; readonly cursor: Float64Array }
  readonly #prior: Float64Array
  readonly #forgetting: number
  readonly #column: Float64Array

  /** @param spread Prior standard deviations [n]. @param forgetting λ, in (0, 1]. */
  constructor(spread: Float64Array, forgetting: number) {
    const n = spread.length
    this.#prior = spread.map(deviation => deviation * deviation)
    this.#forgetting = forgetting
    this.#column = new Float64Array(n)
    this.state = { covariance: new Float64Array((n * (n + 1)) / 2), cursor: new Float64Array(1) }
    this.reset()
  }

  /** P back to its prior. */
  reset(): void {
    const { covariance } = this.state
    covariance.fill(0)
    this.#prior.forEach((variance, i) => {
      covariance[diagonal(i)] = variance
    })
  }

  /** out[k] = P vectors[k], all in one pass over P. */
  multiply(vectors: readonly Float64Array[], out: readonly Float64Array[]): void {
    const { covariance } = this.state
    const n = this.#prior.length
    for (let k = 0; k < vectors.length; k++) {
      const v = vectors[k]!
      const w = out[k]!
      w.fill(0)
      for (let i = 0, at = 0; i < n; i++) {
        const vi = v[i]!
        let sum = 0
        for (let j = 0; j < i; j++, at++) {
          sum += covariance[at]! * v[j]!
          w[j]! += covariance[at]! * vi
        }
        w[i]! += sum + covariance[at++]! * vi
      }
    }
  }

  /** P ← (P − Σ_k u_k u_kᵀ / s_k) / λ, then the pseudo-observation; `count` of the vectors are used. */
  update(vectors: readonly Float64Array[], weights: Float64Array, count: number): void {
    const lambda = this.#forgetting
    this.#downdate(vectors, weights, count)
    if (lambda === 1) return
    const { cursor } = this.state
    const n = this.#prior.length
    const turn = cursor[0]!
    cursor[0] = (turn + 1) % n
    const column = this.#readColumn(turn)
    const pseudoVariance = this.#prior[turn]! / (n * (1 - lambda))
    this.#subtract(column, column[turn]! + pseudoVariance)
  }

  /** P ← λ P − Σ_k u_k u_kᵀ / s_k: takes an update back, with negative s, but for its pseudo-observation. u_k = λ P v_k is for the caller. */
  undo(vectors: readonly Float64Array[], weights: Float64Array, count: number): void {
    const { covariance } = this.state
    for (let at = 0; at < covariance.length; at++) covariance[at]! *= this.#forgetting
    for (let k = 0; k < count; k++) this.#subtract(vectors[k]!, weights[k]!)
  }

  /** λ. */
  get forgetting(): number {
    return this.#forgetting
  }

  #downdate(vectors: readonly Float64Array[], weights: Float64Array, count: number): void {
    for (let k = 0; k < count; k++) this.#subtract(vectors[k]!, weights[k]!)
    if (this.#forgetting === 1) return
    const { covariance } = this.state
    const factor = 1 / this.#forgetting
    for (let at = 0; at < covariance.length; at++) covariance[at]! *= factor
  }

  #subtract(u: Float64Array, weight: number): void {
    const { covariance } = this.state
    for (let i = 0, at = 0; i < u.length; i++) {
      const scaled = u[i]! / weight
      for (let j = 0; j <= i; j++, at++) covariance[at]! -= scaled * u[j]!
    }
  }

  #readColumn(index: number): Float64Array {
    const { covariance } = this.state
    const column = this.#column
    for (let i = 0; i < column.length; i++) {
      const [row, at] = i > index ? [i, index] : [index, i]
      column[i] = covariance[diagonal(row) - row + at]!
    }
    return column
  }
}

/** Index of P_ii in the packed triangle. */
function diagonal(i: number): number {
  return (i * (i + 3)) / 2
}
