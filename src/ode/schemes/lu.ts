/**
 * LU factors of a dense matrix, with row pivots. `factor` costs 2n³/3 flops, each solve 2n².
 * @see Golub & Van Loan, "Matrix Computations", 4th ed. 2013, 3.4.
 */
export class Lu {
  readonly #n: number
  /** L below the diagonal (its own diagonal is one), U on and above it. */
  readonly #factors: Float64Array
  readonly #pivots: Int32Array

  constructor(n: number) {
    this.#n = n
    this.#factors = new Float64Array(n * n)
    this.#pivots = new Int32Array(n)
  }

  /** Factors I − scale · matrix. @returns false when it is singular or not finite. */
  factorShifted(matrix: Float64Array, scale: number): boolean {
    const n = this.#n
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) this.#factors[i * n + j] = (i === j ? 1 : 0) - scale * matrix[i * n + j]!
    for (let k = 0; k < n; k++) if (!this.#eliminate(k)) return false
    return true
  }

  /** x ← A⁻¹ x. */
  solve(x: Float64Array): void {
    const n = this.#n
    const lu = this.#factors
    for (let k = 0; k < n; k++) swap(x, k, this.#pivots[k]!)
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) x[i]! -= lu[i * n + j]! * x[j]!
    for (let i = n - 1; i >= 0; i--) {
      for (let j = i + 1; j < n; j++) x[i]! -= lu[i * n + j]! * x[j]!
      x[i]! /= lu[i * n + i]!
    }
  }

  /** x ← A⁻ᵀ x. */
  solveTransposed(x: Float64Array): void {
    const n = this.#n
    const lu = this.#factors
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) x[i]! -= lu[j * n + i]! * x[j]!
      x[i]! /= lu[i * n + i]!
    }
    for (let i = n - 1; i >= 0; i--) for (let j = i + 1; j < n; j++) x[i]! -= lu[j * n + i]! * x[j]!
    for (let k = n - 1; k >= 0; k--) swap(x, k, this.#pivots[k]!)
  }

  #eliminate(k: number): boolean {
    const n = this.#n
    const lu = this.#factors
    let pivot = k
    for (let i = k + 1; i < n; i++) if (Math.abs(lu[i * n + k]!) > Math.abs(lu[pivot * n + k]!)) pivot = i
    this.#pivots[k] = pivot
    const divisor = lu[pivot * n + k]!
    if (!(Math.abs(divisor) > 0) || !Number.isFinite(divisor)) return false
    if (pivot !== k) for (let j = 0; j < n; j++) swap(lu, k * n + j, pivot * n + j)
    for (let i = k + 1; i < n; i++) {
      const factor = (lu[i * n + k]! /= divisor)
      for (let j = k + 1; j < n; j++) lu[i * n + j]! -= factor * lu[k * n + j]!
    }
    return true
  }
}

function swap(x: Float64Array, i: number, j: number): void {
  const value = x[i]!
  x[i] = x[j]!
  x[j] = value
}
