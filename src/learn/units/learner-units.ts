/** A state z of the model's field is (y − mean) / scale in its first components, its time t / timeScale. */
export interface LearnerUnits {
  /** What counts as zero [channels], in the units of the channels. */
  readonly mean: Float64Array
  /** What counts as one [channels]. */
  readonly scale: Float64Array
  /** The typical gap, seconds. */
  readonly timeScale: number
}
