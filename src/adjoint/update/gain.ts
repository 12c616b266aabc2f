import { copy } from '../../copy.js'
import { isMeasured } from '../../observation.js'
import { requireLength } from '../../require-option.js'
import type { UpdateMap } from './update-map.js'

/**
 * z⁺ = z⁻ + K (y − h(z⁻)), the update of a Luenberger observer with a learned gain. φ = K row-major [d × channels].
 * Cost: d · channels multiply-adds, twice that for the vjp.
 * @param parameters K; used in place, not copied. @throws ContraflowError DIMENSION_MISMATCH when it has another length, and when an
 * observation has not as many values as there are channels.
 */
export function gain(
  dimension: number,
  channels: number,
  parameters: Float64Array = new Float64Array(dimension * channels),
): UpdateMap {
  requireLength('φ', parameters.length, dimension * channels)
  const taken = new Float64Array(channels)
  return {
    parameters,
    apply(z, y, zPlus) {
      requireLength('an observation', y.length, channels)
      copy(z, zPlus)
      for (let j = 0; j < channels; j++) {
        if (!isMeasured(y[j]!)) continue
        const innovation = y[j]! - z[j]!
        for (let i = 0, n = j; i < dimension; i++, n += channels) zPlus[i]! += parameters[n]! * innovation
      }
    },
    vjp(z, y, a, aphi, ay) {
      requireLength('an observation', y.length, channels)
      for (let j = 0; j < channels; j++) {
        let sum = 0
        if (isMeasured(y[j]!)) {
          const innovation = y[j]! - z[j]!
          for (let i = 0, n = j; i < dimension; i++, n += channels) {
            sum += parameters[n]! * a[i]!
            aphi[n]! += a[i]! * innovation
          }
        }
        taken[j] = sum
      }
      for (let j = 0; j < channels; j++) {
        a[j]! -= taken[j]!
        if (ay) ay[j]! += taken[j]!
      }
    },
  }
}
