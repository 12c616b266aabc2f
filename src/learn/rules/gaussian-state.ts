/** A normal distribution of a state: mean [d], covariance [d × d] row-major. */
export class GaussianState {
  readonly mean: Float64Array
  readonly covariance: Float64Array

  constructor(mean: Float64Array, covariance: Float64Array) {
    this.mean = mean
    this.covariance = covariance
  }

  static diagonal(mean: Float64Array, deviation: Float64Array): GaussianState {
    const d = mean.length
    const covariance = new Float64Array(d * d)
    for (let i = 0; i < d; i++) covariance[i * d + i] = deviation[i]! ** 2
    return new GaussianState(mean.slice(), covariance)
  }

  clone(): GaussianState {
    return new GaussianState(this.mean.slice(), this.covariance.slice())
  }

  /**
   * Takes in y = hᵀ z + noise of this variance: the Kalman update, in place; the covariance stays symmetric by construction.
   */
  assimilate(h: Float64Array, y: number, variance: number): void {
    const d = this.mean.length
    const P = this.covariance
    const Ph = new Float64Array(d)
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) Ph[i]! += P[i * d + j]! * h[j]!
    let s = variance
    let innovation = y
    for (let i = 0; i < d; i++) {
      s += h[i]! * Ph[i]!
      innovation -= h[i]! * this.mean[i]!
    }
    for (let i = 0; i < d; i++) this.mean[i]! += (Ph[i]! / s) * innovation
    for (let i = 0; i < d; i++)
      for (let j = 0; j <= i; j++) {
        const value = P[i * d + j]! - (Ph[i]! * Ph[j]!) / s
        P[i * d + j] = value
        P[j * d + i] = value
      }
  }

  /** Φ P Φᵀ + Q around another mean. @param transition Φ [d × d]. @param diffusion The diagonal of Q [d]. */
  propagated(transition: Float64Array, mean = this.mean, diffusion?: Float64Array): GaussianState {
    const d = this.mean.length
    const half = multiply(transition, this.covariance, d)
    const covariance = multiply(half, transposed(transition, d), d)
    if (diffusion) for (let i = 0; i < d; i++) covariance[i * d + i]! += diffusion[i]!
    return new GaussianState(mean.slice(), covariance)
  }
}

function multiply(a: Float64Array, b: Float64Array, d: number): Float64Array {
  const product = new Float64Array(d * d)
  for (let i = 0; i < d; i++)
    for (let k = 0; k < d; k++) for (let j = 0; j < d; j++) product[i * d + j]! += a[i * d + k]! * b[k * d + j]!
  return product
}

function transposed(a: Float64Array, d: number): Float64Array {
  return a.map((_, n) => a[(n % d) * d + Math.floor(n / d)]!)
}
