/**
 * Running variance of the innovations of each channel, less what the uncertainty of the parameters explains: the noise the
 * model cannot learn. Robust: one innovation counts as at most three standard deviations.
 */
export class NoiseEstimate {
  /** R_j, in squared units of the learner, positive. */
  readonly variance: Float64Array
  readonly #counts: Float64Array
  /** For checkpoints. */
  readonly state: { readonly noise: Float64Array; readonly noiseCounts: Float64Array }

  constructor(channels: number) {
    this.variance = new Float64Array(channels).fill(1)
    this.#counts = new Float64Array(channels)
    this.state = { noise: this.variance, noiseCounts: this.#counts }
  }

  /**
   * @param explained ψᵀPψ, the part of the expected square that learning will remove. It is taken off several times over:
   * while the parameters are uncertain, too small an R learns faster, and too large a one would call the model's errors noise.
   */
  observe(channel: number, innovation: number, explained: number): void {
    const r = this.variance[channel]!
    const count = ++this.#counts[channel]!
    const rate = Math.max(RATE, 1 / (count + HEAD_START))
    const square = Math.min(innovation * innovation, 9 * (r + explained))
    const next = r + rate * (square - EXPLAINED_WEIGHT * explained - r)
    this.variance[channel] = Math.max(next, 0.9 * r, SMALLEST)
  }
}

const RATE = 0.02
const HEAD_START = 3
const EXPLAINED_WEIGHT = 3.6
const SMALLEST = 1e-8
