/** A symmetric matrix [n × n] of which the lower triangle is stored, row by row: row i begins at i(i+1)/2. */
export interface SymmetricMatrix {
  /** n(n+1)/2 numbers; may be written. Hold on to this very array, not to a subarray of it. */
  readonly values: Float64Array
  /** out[k] = P vectors[k], all [n]. */
  multiply(vectors: readonly Float64Array[], out: readonly Float64Array[]): void
  /** P = (P − Σ_k u_k u_kᵀ / w_k) · factor, over the first `count` of the vectors [n]; each number in this order. */
  subtract(vectors: readonly Float64Array[], weights: Float64Array, count: number, factor: number): void
  /** The same, and then P = P − v vᵀ / w. */
  subtractAnd(subtrahends: Subtrahends, last: Subtrahend): void
}

/** Of `subtract`. */
export interface Subtrahends {
  readonly vectors: readonly Float64Array[]
  readonly weights: Float64Array
  readonly count: number
  readonly factor: number
}

/** v [n] and w. */
export interface Subtrahend {
  readonly vector: Float64Array
  readonly weight: number
}

/** In plain TypeScript: the reference for the kernels. */
export class PlainSymmetricMatrix implements SymmetricMatrix {
  readonly values: Float64Array

  constructor(n: number) {
    this.values = new Float64Array((n * (n + 1)) / 2)
  }

  multiply(vectors: readonly Float64Array[], out: readonly Float64Array[]): void {
    vectors.forEach((v, k) => {
      this.#multiply(v, out[k]!)
    })
  }

  #multiply(v: Float64Array, out: Float64Array): void {
    const p = this.values
    out.fill(0)
    for (let i = 0, at = 0; i < v.length; i++) {
      const vi = v[i]!
      let sum = 0
      for (let j = 0; j < i; j++, at++) {
        sum += p[at]! * v[j]!
        out[j]! += p[at]! * vi
      }
      out[i]! += sum + p[at++]! * vi
    }
  }

  subtract(vectors: readonly Float64Array[], weights: Float64Array, count: number, factor: number): void {
    const p = this.values
    for (let k = 0; k < count; k++) {
      const u = vectors[k]!
      for (let i = 0, at = 0; i < u.length; i++) {
        const scaled = u[i]! / weights[k]!
        for (let j = 0; j <= i; j++, at++) p[at]! -= scaled * u[j]!
      }
    }
    if (factor === 1) return
    for (let at = 0; at < p.length; at++) p[at]! *= factor
  }

  subtractAnd({ vectors, weights, count, factor }: Subtrahends, last: Subtrahend): void {
    this.subtract(vectors, weights, count, factor)
    this.subtract([last.vector], Float64Array.of(last.weight), 1, 1)
  }
}
