import { Jacobian } from '../field/jacobian.js'
import type { VectorField } from '../field/vector-field.js'

/** [z, a, ∂L/∂θ]' = [f, −f_zᵀ a, −f_θᵀ a], as a vector field of dimension 2d + p without parameters. */
export class AugmentedEquation implements VectorField {
  readonly dimension: number
  readonly parameters = new Float64Array(0)
  readonly #field: VectorField
  readonly #z: Float64Array
  readonly #a: Float64Array
  readonly #dz: Float64Array
  readonly #da: Float64Array
  readonly #dtheta: Float64Array
  readonly #jacobian: Jacobian

  constructor(field: VectorField) {
    const d = field.dimension
    this.dimension = 2 * d + field.parameters.length
    this.#field = field
    this.#jacobian = new Jacobian(field)
    this.#z = new Float64Array(d)
    this.#a = new Float64Array(d)
    this.#dz = new Float64Array(d)
    this.#da = new Float64Array(d)
    this.#dtheta = new Float64Array(field.parameters.length)
  }

  evaluate(t: number, augmented: Float64Array, slope: Float64Array): void {
    const d = this.#z.length
    for (let i = 0; i < d; i++) {
      this.#z[i] = augmented[i]!
      this.#a[i] = augmented[d + i]!
    }
    this.#da.fill(0)
    this.#dtheta.fill(0)
    this.#field.evaluate(t, this.#z, this.#dz)
    this.#field.vjp(t, this.#z, this.#a, this.#da, this.#dtheta)
    slope.set(this.#dz)
    for (let i = 0; i < d; i++) slope[d + i] = -this.#da[i]!
    for (let k = 0; k < this.#dtheta.length; k++) slope[2 * d + k] = -this.#dtheta[k]!
  }

  vjp(): number {
    throw new Error('The augmented system is solved, not learned.')
  }

  /**
   * f_z for z and −f_zᵀ for a. How a' and the gradient change with z takes second derivatives and is left out: it costs Newton's
   * method some speed, not its limit.
   */
  jacobian(t: number, augmented: Float64Array, matrix: Float64Array): void {
    const [d, n] = [this.#z.length, this.dimension]
    for (let i = 0; i < d; i++) this.#z[i] = augmented[i]!
    this.#jacobian.evaluate(t, this.#z)
    matrix.fill(0)
    for (let i = 0; i < d; i++)
      for (let j = 0; j < d; j++) {
        const entry = this.#jacobian.matrix[i * d + j]!
        matrix[i * n + j] = entry
        matrix[(d + j) * n + d + i] = -entry
      }
  }
}
