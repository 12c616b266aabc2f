/**
 * How much less certain a prediction is after a longer gap. Of a walk or of a driven system, what is missed grows with the time since the
 * channel was last measured; of one that is measured with noise and otherwise known, it does not. Each channel learns which it is:
 * the square of its errors is taken for 1 + c (g − 1) times what it is on the whole, g the gap in typical ones of the channel, and c, from 0 to
 * almost 1, is found by a running regression.
 *
 * Where gaps are regular nothing changes, whatever c is.
 */
export class GapSpread {
  /**
   * Per channel: `since`, typical gaps of the stream since it was measured; `mean`, the running mean of these; `level`, that of the squares;
   * `joint` and `own`, running means of what the regression needs; `counts`, the values seen.
   */
  readonly state: Readonly<Record<'since' | 'mean' | 'level' | 'joint' | 'own' | 'counts', Float64Array>>

  constructor(channels: number) {
    const [array, ones] = [() => new Float64Array(channels), () => new Float64Array(channels).fill(1)]
    this.state = { since: array(), mean: ones(), level: ones(), joint: array(), own: array(), counts: array() }
  }

  /** The next observation comes so many typical gaps after the last; the first one after none. */
  pass(gap: number): void {
    if (!(gap < Infinity)) return
    const { since } = this.state
    for (let j = 0; j < since.length; j++) since[j]! += gap
  }

  /** What the standard deviation of a channel's prediction is multiplied by for the gap that has passed. */
  factor(channel: number): number {
    return Math.sqrt(this.#growth(channel))
  }

  /** The channel has been measured. @param error In standard deviations, as predicted without this factor. */
  observe(channel: number, error: number): void {
    const { since, mean, level, joint, own, counts } = this.state
    const [excess, growth] = [this.#excess(channel), this.#growth(channel)]
    const square = Math.min(error ** 2 / growth, LARGEST * level[channel]!)
    const relative = (square * growth) / level[channel]! - 1
    joint[channel]! += RATE * ((excess * relative) / growth ** 2 - joint[channel]!)
    own[channel]! += RATE * ((excess / growth) ** 2 - own[channel]!)
    const rate = Math.max(MEAN_RATE, 1 / (++counts[channel]! + 1))
    level[channel] = Math.max(SMALLEST, level[channel]! + rate * (square - level[channel]!))
    mean[channel] = Math.max(SMALLEST, mean[channel]! + rate * (mean[channel]! * excess))
    since[channel] = 0
  }

  /** g − 1. */
  #excess(channel: number): number {
    const { since, mean } = this.state
    return Math.min(since[channel]! / mean[channel]!, LONGEST) - 1
  }

  #growth(channel: number): number {
    const { joint, own } = this.state
    const slope = Math.max(0, Math.min(STEEPEST, joint[channel]! / (own[channel]! + DOUBT)))
    return 1 + slope * this.#excess(channel)
  }
}

const RATE = 0.005
const MEAN_RATE = 0.01
/** Beside this much variation of the gaps, c is believed to be what it seems. */
const DOUBT = 0.3
const STEEPEST = 0.95
/** Typical gaps of a channel; longer ones leave no more uncertainty. */
const LONGEST = 10
/** One square counts as at most so many usual ones. */
const LARGEST = 9
const SMALLEST = 1e-12
