import { ContraflowError } from '../errors.js'
import { requireCount } from '../require-option.js'
import type { VectorField } from './vector-field.js'

/**
 * f(z) = A z, θ = A row-major [d × d]: the field of a linear system, and the test problem whose solution e^{A t} z₀ is known.
 * d² multiply-adds an evaluation, twice that a vjp.
 * @param matrix A; used in place, not copied. Default zero.
 * @throws ContraflowError OPTION_INVALID for a dimension that is no positive whole number, DIMENSION_MISMATCH for a matrix that is not d × d.
 */
export function linear(dimension: number, matrix?: Float64Array): VectorField {
  requireCount('dimension', dimension)
  const parameters = matrix ?? new Float64Array(dimension ** 2)
  if (parameters.length !== dimension ** 2)
    throw new ContraflowError('DIMENSION_MISMATCH', {
      received: `${parameters.length} parameters`,
      expected: `${dimension} × ${dimension} of them`,
    })
  return {
    dimension,
    parameters,
    timeDependent: false,
    evaluate(_t, z, dz) {
      for (let i = 0, n = 0; i < dimension; i++) {
        let sum = 0
        for (let j = 0; j < dimension; j++, n++) sum += parameters[n]! * z[j]!
        dz[i] = sum
      }
    },
    vjp(_t, z, a, az, atheta) {
      for (let i = 0, n = 0; i < dimension; i++) {
        for (let j = 0; j < dimension; j++, n++) {
          az[j]! += parameters[n]! * a[i]!
          atheta[n]! += a[i]! * z[j]!
        }
      }
      return 0
    },
  }
}
