import type { Estimate, Prediction } from '../estimate.js'
import { isMeasured, toNullable } from '../observation.js'
import type { HorizonPrediction } from './forecast/forecaster.js'
import { boundedDeviation } from './intervals/bounded-deviation.js'
import { surprise } from './intervals/chi-square.js'
import type { IntervalWidth } from './intervals/interval-width.js'
import type { PersistenceBlend } from './intervals/persistence-blend.js'
import type { ScoreScale } from './intervals/score-scale.js'
import type { Normaliser } from './units/normaliser.js'
import type { Filter } from './window/filter.js'

/** What exists once the units are known. */
export interface Trained {
  readonly normaliser: Normaliser
  readonly filter: Filter
  readonly blend: PersistenceBlend
  readonly width: IntervalWidth
  readonly scoreScale: ScoreScale
}

/** What is said of one observation. */
export type Judgement = Pick<Estimate, 'predicted' | 'interval' | 'score' | 'loss'>

/**
 * Puts the prediction into the channels' units, with interval and score, and learns how good it was.
 * @param known Last measured values before the observation [channels], NaN before there was one.
 * @param inTime Learn from it? What came late says nothing about predictions ahead. Default true.
 */
export function judge(
  { normaliser, filter, blend, width, scoreScale }: Trained,
  y: Float64Array,
  known: Float64Array,
  inTime = true,
): Judgement {
  const predicted: (number | null)[] = []
  const interval: ([number, number] | null)[] = []
  let [measured, squares, standardised] = [0, 0, 0]
  for (let j = 0; j < y.length; j++) {
    const last = known[j]!
    if (!isMeasured(last)) {
      predicted.push(null)
      interval.push(null)
      continue
    }
    const scale = normaliser.scale[j]!
    const model = normaliser.restore(filter.predicted[j]!, j)
    const value = last + blend.weight(j) * (model - last)
    const deviation = boundedDeviation(filter.variance[j]!, blend.typical(j))
    const half = width.factor(j) * deviation * scale
    predicted.push(value + 0)
    interval.push([value - half + 0, value + half + 0])
    if (!isMeasured(y[j]!)) continue
    const error = (y[j]! - value) / scale
    measured++
    squares += error * error
    standardised += (error / deviation) ** 2
    if (!inTime) continue
    if (!filter.doubt.isDoubted(j)) blend.observe(j, (y[j]! - model) / scale, (y[j]! - last) / scale, deviation)
    width.observe(j, error / deviation)
  }
  blend.shareShock()
  if (measured === 0) return { predicted, interval, score: null, loss: null }
  const loss = Math.min(squares / measured, Number.MAX_VALUE) // JSON has no infinity
  return { predicted, interval, score: scoreScale.score(surprise(standardised, measured), inTime), loss }
}

/** The last values, without an interval. */
export function persistence(t: number, known: Float64Array): Prediction {
  return { t, predicted: toNullable(known), interval: Array.from(known, () => null) }
}

/**
 * A prediction in the channels' units, mixed with persistence as far as the model has not proved better.
 * @param at When, and how many typical gaps after the last observation that is.
 */
export function present(
  trained: Trained,
  { t, gap }: { readonly t: number; readonly gap: number },
  look: HorizonPrediction,
  known: Float64Array,
): Prediction {
  const { normaliser, blend, width } = trained
  const value = Array.from(known, (last, j) =>
    isMeasured(last) ? last + blend.weight(j) * (normaliser.restore(look.predicted[j]!, j) - last) + 0 : null,
  )
  const interval = value.map((centre, j): [number, number] | null => {
    if (centre === null || look.variance === undefined) return null
    const half = width.factor(j) * boundedDeviation(look.variance[j]!, blend.typical(j), gap) * normaliser.scale[j]!
    return [centre - half, centre + half]
  })
  return { t, predicted: value, interval }
}
