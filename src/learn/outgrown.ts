import { isMeasured, type Observation } from '../observation.js'
import { Normaliser } from './normaliser.js'

/** What moves so many units within the length of a warm-up has outgrown them; so has time, when gaps are as many typical ones. */
const FACTOR = 4

/**
 * Do these observations still fit the units? A channel is measured as the warm-up measured it, over as many observations at a time, so
 * that one that drifts far but slowly keeps its unit.
 * @param span Observations of a warm-up. @returns Units that fit, none smaller than it was; nothing where the old ones do.
 */
export function outgrown(
  units: Normaliser,
  observations: readonly Observation[],
  span: number,
  leastSpread: number,
): Normaliser | undefined {
  const fitted = Normaliser.fit(observations, { leastSpread })
  const moves = units.scale.some((scale, j) => spreadWithin(observations, j, span, scale) > FACTOR)
  if (!moves && !(fitted.timeScale > FACTOR * units.timeScale)) return undefined
  const scale = fitted.scale.map((wide, j) => Math.max(wide, units.scale[j]!))
  return new Normaliser(fitted.mean, scale, fitted.timeScale)
}

/** Root mean square of the deviations from the mean of `span` observations, over all such spans, in units of the channel. */
function spreadWithin(observations: readonly Observation[], channel: number, span: number, unit: number): number {
  let [squares, count] = [0, 0]
  for (let end = observations.length; end > 0; end -= span) {
    const values = observations.slice(Math.max(0, end - span), end).map(({ y }) => y[channel]!)
    const measured = values.filter(isMeasured)
    const mean = measured.reduce((sum, value) => sum + value / measured.length, 0)
    for (const value of measured) squares += ((value - mean) / unit) ** 2
    count += measured.length
  }
  return Math.sqrt(squares / count)
}
