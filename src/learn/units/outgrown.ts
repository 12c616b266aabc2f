import { isMeasured, type Observation } from '../../observation.js'
import { Normaliser } from './normaliser.js'

/** What moves so many units within the length of a warm-up has outgrown them; so has time, when gaps are as many typical ones. */
const FACTOR = 4
/** A unit that is so many times too wide was no measure of anything: the channel did not move yet, or hardly came. */
const WIDE = 6
/** In a unit that is so many times too wide for all that is at hand nothing can be told apart: absurd values have been believed. */
const ABSURD = 1e6

export interface OutgrownOptions {
  /** Observations of a warm-up. */
  readonly span: number
  /** As in `Normaliser.fit`. */
  readonly leastSpread: number
  /** Are these all the observations there were? Only then can a unit be called too wide, unless absurdly so: a calm that comes later will end. */
  readonly all: boolean
}

/**
 * Do these observations still fit the units? A channel is measured as the warm-up measured it, over as many observations at a time, so
 * that one that drifts far but slowly keeps its unit.
 * @returns Units that fit, smaller only where one was far too wide for all there was; nothing where the old ones do.
 */
export function outgrown(
  units: Normaliser,
  observations: readonly Observation[],
  { span, leastSpread, all }: OutgrownOptions,
): Normaliser | undefined {
  const fitted = Normaliser.fit(observations, { leastSpread })
  const isTooWide = (j: number) => {
    const times = units.scale[j]! / fitted.scale[j]!
    return (all && times > WIDE) || (times > ABSURD && moves(observations, j))
  }
  const misfits = units.scale.some((scale, j) => isTooWide(j) || spreadWithin(observations, j, span, scale) > FACTOR)
  if (!misfits && !(fitted.timeScale > FACTOR * units.timeScale)) return undefined
  const scale = fitted.scale.map((now, j) => (isTooWide(j) ? now : Math.max(now, units.scale[j]!)))
  return new Normaliser(fitted.mean, scale, fitted.timeScale)
}

/** Has it more than one value? Of one that stands still no unit can be told. */
function moves(observations: readonly Observation[], channel: number): boolean {
  const first = observations.find(({ y }) => isMeasured(y[channel]!))?.y[channel]
  return observations.some(({ y }) => isMeasured(y[channel]!) && y[channel] !== first)
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
