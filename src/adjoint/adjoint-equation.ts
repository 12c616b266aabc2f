import { Jacobian } from '../field/jacobian.js'
import type { VectorField } from '../field/vector-field.js'
import type { DensePath } from '../ode/solution/dense-path.js'

/** a' = −f_zᵀ(t, z(t)) a, as a vector field of dimension d without parameters. */
export class AdjointEquation implements VectorField {
  readonly dimension: number
  readonly parameters = new Float64Array(0)
  /** z(t), set before the equation is solved. */
  path: DensePath | undefined
  readonly #field: VectorField
  readonly #z: Float64Array
  readonly #unused: Float64Array
  readonly #jacobian: Jacobian

  constructor(field: VectorField) {
    this.dimension = field.dimension
    this.#field = field
    this.#z = new Float64Array(field.dimension)
    this.#unused = new Float64Array(field.parameters.length)
    this.#jacobian = new Jacobian(field)
  }

  evaluate(t: number, a: Float64Array, da: Float64Array): void {
    this.path!.state(t, this.#z)
    da.fill(0)
    this.#field.vjp(t, this.#z, a, da, this.#unused)
    for (let i = 0; i < da.length; i++) da[i] = -da[i]!
  }

  vjp(): number {
    throw new Error('The adjoint equation is solved, not learned.')
  }

  /** −f_zᵀ. */
  jacobian(t: number, _a: Float64Array, matrix: Float64Array): void {
    const d = this.dimension
    this.path!.state(t, this.#z)
    this.#jacobian.evaluate(t, this.#z)
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) matrix[i * d + j] = -this.#jacobian.matrix[j * d + i]!
  }
}
