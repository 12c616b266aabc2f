/**
 * The standard deviation of a prediction, in the learner's units.
 *
 * A prediction is taken for no less certain than `MOST` times what persistence usually misses over such a gap: it is mixed with
 * persistence, and of a model that knows little yet, or is far from where it has learned, the parameters alone would make an interval of
 * hundreds of times that. What persistence misses grows with the gap at most as fast as the gap does.
 * @param variance As the learning rule has it. @param typical Root mean square of what persistence misses. @param gap Typical gaps.
 */
export function boundedDeviation(variance: number, typical: number, gap = 1): number {
  return Math.min(Math.sqrt(variance), Math.max(MOST * typical * Math.max(1, gap), LEAST))
}

const MOST = 3
/** Of channels that stand still. */
const LEAST = 1e-3
