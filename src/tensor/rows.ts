import type { VectorField } from '../field/vector-field.js'
import type { TensorField } from './contract.js'

/** Many states of one field as one state [count × d]: they share their steps, and the error is that of all of them. */
export function rows(field: TensorField, count: number): VectorField {
  const times = new Float64Array(count)
  const byTime = new Float64Array(count)
  return {
    dimension: count * field.dimension,
    parameters: field.parameters,
    timeDependent: field.timeDependent ?? true,
    prepare: () => field.prepare(),
    evaluate(t, z, dz) {
      times.fill(t)
      field.evaluateBatch(times, z, dz)
    },
    vjp(t, z, a, az, atheta) {
      times.fill(t)
      byTime.fill(0)
      field.vjpBatch({ times, states: z, adjoints: a }, az, atheta, byTime)
      return byTime.reduce((sum, value) => sum + value, 0)
    },
  }
}
