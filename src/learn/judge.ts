import type { Estimate, Prediction } from '../estimate.js'
import { isMeasured, toNullable } from '../observation.js'
import type { HorizonPrediction } from './forecast/forecaster.js'
import { boundedDeviation } from './intervals/bounded-deviation.js'
import { surprise } from './intervals/chi-square.js'
import type { GapSpread } from './intervals/gap-spread.js'
import type { IntervalWidth } from './intervals/interval-width.js'
import type { PersistenceBlend } from './intervals/persistence-blend.js'
import type { ScoreScale } from './intervals/score-scale.js'
import type { Normaliser } from './units/normaliser.js'
import type { Pending } from './window/doubt.js'
import type { Filter } from './window/filter.js'
import { withinDoubles } from './within-doubles.js'

/** What exists once the units are known. */
export interface Trained {
  readonly normaliser: Normaliser
  readonly filter: Filter
  readonly blend: PersistenceBlend
  readonly width: IntervalWidth
  readonly gapSpread: GapSpread
  readonly scoreScale: ScoreScale
}

/** What is said of one observation. */
export type Judgement = Pick<Estimate, 'predicted' | 'interval' | 'score' | 'loss'>

/** How an observation came. */
export interface Judged {
  /** Learn from it? What came late says nothing about predictions ahead. Default true. */
  readonly inTime?: boolean
  /** What was doubted before it came. */
  readonly pending?: Pending | undefined
}

/**
 * Puts the prediction into the channels' units, with interval and score, and learns how good it was.
 * @param known Last measured values before the observation [channels], NaN before there was one.
 */
export function judge(
  { normaliser, filter, blend, width, gapSpread, scoreScale }: Trained,
  y: Float64Array,
  known: Float64Array,
  { inTime = true, pending }: Judged = {},
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
    const outlook = hedge(last + blend.weight(j) * (model - last), j, normaliser, pending)
    const usual = boundedDeviation(filter.variance[j]!, blend.typical(j))
    const deviation = usual * gapSpread.factor(j)
    const half = width.factor(j) * deviation * scale
    predicted.push(outlook.value + 0)
    interval.push([withinDoubles(outlook.low - half) + 0, withinDoubles(outlook.high + half) + 0])
    if (!isMeasured(y[j]!)) continue
    measured++
    squares += ((y[j]! - outlook.value) / scale) ** 2
    // Of two things that may come, the nearer one did.
    const [below, above] = [(y[j]! - outlook.low) / scale, (y[j]! - outlook.high) / scale]
    const error = Math.abs(below) < Math.abs(above) ? below : above
    standardised += (error / deviation) ** 2
    if (!inTime) continue
    if (!filter.doubt.isDoubted(j)) blend.observe(j, (y[j]! - model) / scale, (y[j]! - last) / scale, usual)
    width.observe(j, error / deviation)
    gapSpread.observe(j, error / usual)
  }
  blend.shareShock()
  if (measured === 0) return { predicted, interval, score: null, loss: null }
  const loss = Math.min(squares / measured, Number.MAX_VALUE) // JSON has no infinity
  return { predicted, interval, score: scoreScale.score(surprise(standardised, measured), inTime), loss }
}

/** What is predicted, and the lowest and highest of what may come: one value, unless there is a doubted one that may be right. */
interface Hedged {
  readonly value: number
  readonly low: number
  readonly high: number
}

function hedge(value: number, channel: number, normaliser: Normaliser, pending: Pending | undefined): Hedged {
  const share = pending?.shares[channel] ?? 0
  if (!(share > 0)) return { value, low: value, high: value }
  const doubted = normaliser.restore(pending!.values[channel]!, channel)
  return {
    value: (1 - share) * value + share * doubted,
    low: Math.min(value, doubted),
    high: Math.max(value, doubted),
  }
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
  const { normaliser, blend, width, filter } = trained
  const { pending } = filter.doubt
  const outlooks = Array.from(known, (last, j) => {
    if (!isMeasured(last)) return null
    const model = normaliser.restore(look.predicted[j]!, j)
    return hedge(last + blend.weight(j) * (model - last), j, normaliser, pending)
  })
  const interval = outlooks.map((outlook, j): [number, number] | null => {
    if (outlook === null || look.variance === undefined) return null
    const half = width.factor(j) * boundedDeviation(look.variance[j]!, blend.typical(j), gap) * normaliser.scale[j]!
    return [withinDoubles(outlook.low - half), withinDoubles(outlook.high + half)]
  })
  return { t, predicted: outlooks.map(outlook => outlook && outlook.value + 0), interval }
}
