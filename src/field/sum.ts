import { ContraflowError } from '../errors.js'
import { Parts } from './parts.js'
import type { VectorField } from './vector-field.js'

/**
 * f = f₁ + f₂ + …, for instance known physics and a learned residual. θ = [θ₁ | θ₂ | …]; a part that shall not be learned is given
 * as a closure without parameters. Costs what its parts cost.
 * @throws ContraflowError DIMENSION_MISMATCH for parts of different dimensions, and for none.
 */
export function sum(...fields: readonly VectorField[]): VectorField {
  const dimension = fields[0]?.dimension ?? 0
  const other = fields.find(field => field.dimension !== dimension)
  if (fields.length === 0 || other)
    throw new ContraflowError('DIMENSION_MISMATCH', {
      received: other ? `fields of dimension ${dimension} and ${other.dimension}` : 'no fields',
      expected: 'one or more fields of the same dimension',
    })
  const parts = new Parts(fields)
  const slope = new Float64Array(dimension)
  return {
    dimension,
    parameters: parts.parameters,
    timeDependent: fields.some(field => field.timeDependent ?? true),
    prepare: () => parts.prepare(),
    gather(atheta) {
      const gradients = parts.of(atheta)
      fields.forEach((field, k) => {
        field.gather?.(gradients[k]!)
      })
    },
    settle() {
      for (const field of fields) field.settle?.()
    },
    evaluate(t, z, dz) {
      fields[0]!.evaluate(t, z, dz)
      for (let k = 1; k < fields.length; k++) {
        fields[k]!.evaluate(t, z, slope)
        for (let i = 0; i < dimension; i++) dz[i]! += slope[i]!
      }
    },
    vjp(t, z, a, az, atheta) {
      const gradients = parts.of(atheta)
      let at = 0
      for (let k = 0; k < fields.length; k++) at += fields[k]!.vjp(t, z, a, az, gradients[k]!)
      return at
    },
  }
}
