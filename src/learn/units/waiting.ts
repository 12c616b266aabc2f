import type { Estimate } from '../../estimate.js'
import { type Observation, toNullable } from '../../observation.js'

/**
 * An estimate of the warm-up. @param y The values to show. @param known The last ones before them [channels].
 * @param predicted What a first model says; persistence where there is none.
 */
export function waiting(
  { key, t }: Observation,
  y: Float64Array,
  known: Float64Array,
  predicted: readonly (number | null)[] = toNullable(known),
): Estimate {
  return {
    key,
    t,
    observed: toNullable(y),
    predicted,
    interval: Array.from(known, () => null),
    score: null,
    loss: null,
    update: { count: 0, gradientNorm: 0 },
    evaluations: { forward: 0, backward: 0 },
  }
}
