import { kernel } from '../../kernel/kernel.js'
import { createSymmetricMatrix } from '../../kernel/kernel-symmetric-matrix.js'
import type { SymmetricMatrix } from '../../kernel/symmetric-matrix.js'
import type { Covariance } from './covariance.js'

/**
 * A symmetric positive definite matrix P, its lower triangle stored row by row, with forgetting that cannot wind up.
 *
 * Plain forgetting, P/λ at every update, lets P grow without bound in directions that the stream does not excite. So each
 * update also takes in one pseudo-observation, of one parameter in turn, with the variance that makes P return to its
 * prior where nothing else is learned: P⁻¹ → λ P⁻¹ + (1 − λ) P₀⁻¹, one direction at a time, at the cost of one rank.
 * @see Kulhavý & Zarrop 1993, doi:10.1080/00207179308923034 (stabilised forgetting).
 */
export class PackedCovariance implements Covariance {
  /** `covariance`: P, n(n+1)/2 numbers. `cursor`: the parameter whose turn is next. */
  readonly state: { readonly covariance: Float64Array; readonly cursor: Float64Array }
  readonly #prior: Float64Array
  readonly #forgetting: number
  readonly #matrix: SymmetricMatrix
  readonly #column: Float64Array

  /** @param spread Prior standard deviations [n]. @param forgetting λ, in (0, 1]. */
  constructor(spread: Float64Array, forgetting: number) {
    const n = spread.length
    this.#prior = spread.map(deviation => deviation * deviation)
    this.#forgetting = forgetting
    this.#matrix = createSymmetricMatrix(n, kernel())
    this.#column = new Float64Array(n)
    this.state = { covariance: this.#matrix.values, cursor: new Float64Array(1) }
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

  /** out[k] = P vectors[k]. */
  multiply(vectors: readonly Float64Array[], out: readonly Float64Array[]): void {
    this.#matrix.multiply(vectors, out)
  }

  /** P ← (P − Σ_k u_k u_kᵀ / s_k) / λ, then the pseudo-observation; `count` of the vectors are used. */
  update(vectors: readonly Float64Array[], weights: Float64Array, count: number): void {
    const factor = 1 / this.#forgetting
    if (this.#forgetting === 1) {
      this.#matrix.subtract(vectors, weights, count, factor)
      return
    }
    const { cursor } = this.state
    const n = this.#prior.length
    const turn = cursor[0]!
    cursor[0] = (turn + 1) % n
    // What the column will be: so P is read and written once for both.
    const column = this.#readColumn(turn)
    for (let k = 0; k < count; k++) subtractFrom(column, turn, vectors[k]!, weights[k]!)
    for (let i = 0; i < n; i++) column[i]! *= factor
    const pseudoVariance = this.#prior[turn]! / (n * (1 - this.#forgetting))
    const pseudo = { vector: column, weight: column[turn]! + pseudoVariance }
    this.#matrix.subtractAnd({ vectors, weights, count, factor }, pseudo)
  }

  /** P ← λ P − Σ_k u_k u_kᵀ / s_k: takes an update back, with negative s, but for its pseudo-observation. u_k = λ P v_k is for the caller. */
  undo(vectors: readonly Float64Array[], weights: Float64Array, count: number): void {
    const { covariance } = this.state
    for (let at = 0; at < covariance.length; at++) covariance[at]! *= this.#forgetting
    this.#matrix.subtract(vectors, weights, count, 1)
  }

  /** λ. */
  get forgetting(): number {
    return this.#forgetting
  }

  #readColumn(index: number): Float64Array {
    const { covariance } = this.state
    const column = this.#column
    const start = diagonal(index) - index
    for (let i = 0; i <= index; i++) column[i] = covariance[start + i]!
    for (let i = index + 1; i < column.length; i++) column[i] = covariance[diagonal(i) - i + index]!
    return column
  }
}

/** Index of P_ii in the packed triangle. */
function diagonal(i: number): number {
  return (i * (i + 3)) / 2
}

/** Column `index` of P − u uᵀ / w, with the bits of `SymmetricMatrix.subtract`: the row of the lower triangle is what is divided. */
function subtractFrom(column: Float64Array, index: number, u: Float64Array, w: number): void {
  const scaled = u[index]! / w
  for (let i = 0; i < index; i++) column[i]! -= scaled * u[i]!
  for (let i = index; i < column.length; i++) column[i]! -= (u[i]! / w) * u[index]!
}
