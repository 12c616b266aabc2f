import { requireCount } from '../require-option.js'
import type { VectorField } from './vector-field.js'

/**
 * A field with extra latent dimensions behind its own, which it neither sees nor moves: [z, w]' = [f(t, z), 0]. Add a field of the
 * full dimension with `sum` to let the two speak with each other.
 * @param extra Dimensions w, none or more.
 * @see Dupont et al. 2019, arXiv:1904.01681 (augmented neural ODEs).
 */
export function augmented(field: VectorField, extra: number): VectorField {
  requireCount('extra', extra, 0)
  const own = field.dimension
  const z = new Float64Array(own)
  const dz = new Float64Array(own)
  const a = new Float64Array(own)
  const az = new Float64Array(own)
  const take = (from: Float64Array, to: Float64Array) => {
    for (let i = 0; i < own; i++) to[i] = from[i]!
  }
  return {
    dimension: own + extra,
    parameters: field.parameters,
    timeDependent: field.timeDependent ?? true,
    prepare: () => field.prepare?.(),
    gather: atheta => field.gather?.(atheta),
    settle: () => field.settle?.(),
    evaluate(t, whole, slope) {
      take(whole, z)
      field.evaluate(t, z, dz)
      slope.fill(0)
      slope.set(dz)
    },
    vjp(t, whole, adjoint, into, atheta) {
      take(whole, z)
      take(adjoint, a)
      az.fill(0)
      const at = field.vjp(t, z, a, az, atheta)
      for (let i = 0; i < own; i++) into[i]! += az[i]!
      return at
    },
  }
}
