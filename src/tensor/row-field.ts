import { DirectField } from './direct-field.js'

/** A field of f that treats every row of a batch alike, so that a Jacobian takes one pass. */
export class RowField extends DirectField {
  /** d copies of the state, with the unit vectors as adjoints. */
  jacobian(t: number, z: Float64Array, jacobian: Float64Array): void {
    const d = this.dimension
    const times = new Float64Array(d).fill(t)
    const [states, adjoints] = [new Float64Array(d * d), new Float64Array(d * d)]
    for (let i = 0; i < d; i++) {
      states.set(z, i * d)
      adjoints[i * d + i] = 1
    }
    jacobian.fill(0)
    const unused = new Float64Array(this.parameters.length)
    this.vjpBatch({ times, states, adjoints }, jacobian, unused, new Float64Array(d))
  }
}
