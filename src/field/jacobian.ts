import type { VectorField } from './vector-field.js'

/** ∂f/∂z of any field: its own when it has one, else a vjp with a unit vector for every row. */
export class Jacobian {
  /** Row-major [d × d], of the last `evaluate`. */
  readonly matrix: Float64Array
  /** vjps that one evaluation costs: d, or none when the field has a way of its own. */
  readonly vjps: number
  readonly #field: VectorField
  readonly #unit: Float64Array
  readonly #rows: Float64Array[]
  readonly #unused: Float64Array

  constructor(field: VectorField) {
    const d = field.dimension
    this.#field = field
    this.matrix = new Float64Array(d * d)
    this.vjps = field.jacobian ? 0 : d
    this.#unit = new Float64Array(d)
    this.#rows = Array.from({ length: d }, (_, i) => this.matrix.subarray(i * d, (i + 1) * d))
    this.#unused = new Float64Array(field.jacobian ? 0 : field.parameters.length)
  }

  evaluate(t: number, z: Float64Array): void {
    if (this.#field.jacobian) {
      this.#field.jacobian(t, z, this.matrix)
      return
    }
    this.matrix.fill(0)
    this.#rows.forEach((row, i) => {
      this.#unit.fill(0)
      this.#unit[i] = 1
      this.#field.vjp(t, z, this.#unit, row, this.#unused)
    })
  }
}
