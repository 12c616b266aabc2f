import type { VectorField } from '../field/vector-field.js'

/** A field run backward: with s = −t, dz/ds = −f(−s, z). */
export function backwardInTime(field: VectorField): VectorField {
  const minus = new Float64Array(field.dimension)
  return {
    dimension: field.dimension,
    parameters: field.parameters,
    timeDependent: field.timeDependent ?? true,
    prepare: () => field.prepare?.(),
    evaluate(s, z, dz) {
      field.evaluate(-s, z, dz)
      for (let i = 0; i < dz.length; i++) dz[i] = -dz[i]!
    },
    vjp(s, z, a, az, atheta) {
      for (let i = 0; i < a.length; i++) minus[i] = -a[i]!
      return -field.vjp(-s, z, minus, az, atheta)
    },
  }
}
