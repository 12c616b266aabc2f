import { isMeasured } from '../../observation.js'
import { boundedDeviation } from '../intervals/bounded-deviation.js'
import type { Doubt } from './doubt.js'
import type { Labels } from './labels.js'
import type { Window } from './window.js'

/** How far channels usually move from one observation to the next. */
export interface Movement {
  /** Root mean square of what persistence misses, in the learner's units; Infinity before anything is known. */
  typical(channel: number): number
}

/** Where the observation stands, the last of its window, and what was expected of it, in the learner's units [channels]. */
interface Place {
  readonly window: Window
  readonly labels: Labels
  readonly last: number
  readonly predicted: Float64Array
  /** Of the prediction. */
  readonly variance: Float64Array
  /** Last values that were believed. */
  readonly known: Float64Array
  readonly movement: Movement
}

export interface Weighed {
  /** How many values are doubted. */
  readonly doubted: number
  /** Has the window before the last observation changed? */
  readonly revised: boolean
  /** Was a value believed that is absurdly far from its prediction? */
  readonly leapt: boolean
}

/**
 * Decides which values of the last observation are taken in. A doubted one is not, as if it had not been measured; where the value
 * before it was misjudged, the window is set right.
 */
export function weigh(doubt: Doubt, y: Float64Array, place: Place): Weighed {
  const { window, last, predicted, variance, known, movement } = place
  const kept = window.observed(last)
  let [doubted, revised, leapt] = [0, false, false]
  for (let j = 0; j < y.length; j++) {
    const value = y[j]!
    if (!isMeasured(value)) continue
    const typical = movement.typical(j)
    const deviation = Math.max(boundedDeviation(variance[j]!, typical), typical / 2)
    const earlier = doubt.surprise(j)
    const verdict = doubt.weigh(j, { value, predicted: predicted[j]!, known: known[j]!, deviation })
    if (verdict === 'doubted') {
      kept[j] = Number.NaN
      doubted++
      continue
    }
    if (Math.abs(value - predicted[j]!) > ABSURD) leapt = true
    if (verdict !== 'believed' && replaceEarlier(place, j, earlier, verdict === 'earlier-was-right')) revised = true
  }
  return { doubted, revised, leapt }
}

/** Takes the channel's surprise before the last observation in, or out. @returns Whether it was still in the window. */
function replaceEarlier({ window, labels, last }: Place, channel: number, value: number, wasRight: boolean): boolean {
  for (let i = last - 1; i >= 0; i--) {
    if (!isMeasured(labels.at(i).y[channel]!)) continue
    const kept = window.observed(i)
    if (wasRight ? isMeasured(kept[channel]!) : kept[channel] !== value) return false
    kept[channel] = wasRight ? value : Number.NaN
    return true
  }
  return false
}

/** Units of a channel, which are its deviation during the warm-up or more. */
const ABSURD = 100
