/** What a learner says of one observation: one JSON object a line on the outside, in the units of the channels. */
export interface Estimate {
  /** Which stream it belongs to. */
  readonly key: string
  /** Event time of the observation, seconds. */
  readonly t: number
  /** The measured values; null where nothing was measured. */
  readonly observed: readonly (number | null)[]
  /** Made before `observed` was used; null where nothing can be predicted yet. */
  readonly predicted: readonly (number | null)[]
  /** Where the value was expected to be, at the level of the learner; null during the warm-up. */
  readonly interval: readonly (readonly [number, number] | null)[]
  /** −log₁₀ of the probability of a surprise at least as large, held to what the stream has shown: 2 is exceeded by about one in a hundred. No upper bound: it grows with the square of the error. Null during the warm-up. */
  readonly score: number | null
  /** Mean loss over the measured channels, in the learner's units. Null during the warm-up. */
  readonly loss: number | null
  /** What was learned from it. */
  readonly update: UpdateReport
  /** Evaluations of the field and of its vjp that this observation cost. */
  readonly evaluations: { readonly forward: number; readonly backward: number }
  /**
   * Set when it is not about the newest observation: it came late and was inserted where it belongs, it took the place of an
   * earlier one, or it took that one away (`observed` is all null then). Scores do not count these.
   */
  readonly revision?: 'late' | 'corrected' | 'retracted'
  /** Channels, counted from 0, that have had exactly the same value for far longer than they usually do; left out where there are none. See `markStuck`. */
  readonly stuck?: readonly number[]
}

/** What learning did with one observation. */
export interface UpdateReport {
  /** Updates of the parameters so far. */
  readonly count: number
  /** Euclidean norm of the gradient of the loss. */
  readonly gradientNorm: number
  /** Why nothing was learned from this observation. */
  readonly rejected?: string
  /** The parameters ran away and were set back to the last good ones; the third time, learning is frozen. */
  readonly guard?: 'rolled-back' | 'frozen'
  /** Values that were too surprising to be believed in full: what is learned from them is cut (`kalman`), or they are doubted. */
  readonly clipped?: number
}

/** The channels at a time that has not come yet. */
export interface Prediction {
  /** Event time, seconds. */
  readonly t: number
  /** h(z(t)) in the units of the channels; null where nothing can be predicted. */
  readonly predicted: readonly (number | null)[]
  /** Where the value is expected, at the level of the learner; null where there is no interval. */
  readonly interval: readonly (readonly [number, number] | null)[]
}

/** Predictions at several horizons, made after the observation at `t`. */
export interface Forecast {
  /** Which stream it belongs to. */
  readonly key: string
  /** Event time of the last observation it knows, seconds. */
  readonly t: number
  /** In the order of their times. */
  readonly forecast: readonly Prediction[]
}
