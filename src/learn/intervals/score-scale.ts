import { exp } from '../../elementary.js'

/**
 * Makes anomaly scores mean what they say on streams that are not normal: tails heavier than a normal distribution's, errors of several
 * channels that come together. Scores are divided by a factor, one or more, that is adjusted after every observation so that about one
 * run of observations in a hundred begins to exceed 2, whatever the distribution. The factor is one where the normal distribution is right, and an anomaly,
 * however long it lasts, raises it once, by a twentieth.
 * @see Gibbs & Candès 2021, arXiv:2106.00170, whose tracking of a quantile this is, at another level.
 */
export class ScoreScale {
  /** ln of the factor, and whether the last score exceeded the level. */
  readonly state = Float64Array.of(0, 0)

  /** @param surprise −log₁₀ of a probability by the normal distribution. @returns The score; learned from when `learns`. */
  score(surprise: number, learns = true): number {
    const { state } = this
    const score = surprise / exp(state[0]!)
    if (!learns) return score
    const exceeds = score > LEVEL ? 1 : 0
    const begins = exceeds === 1 && state[1] === 0 ? 1 : 0
    state[0] = Math.max(0, Math.min(LARGEST, state[0]! + RATE * (begins - SHARE)))
    state[1] = exceeds
    return score
  }
}

/** −log₁₀ of SHARE. */
const LEVEL = 2
const SHARE = 0.01
const RATE = 0.05
/** Tenfold: a surprise of 20 is still one of 2. */
const LARGEST = Math.LN10
