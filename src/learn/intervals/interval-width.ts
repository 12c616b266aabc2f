import { exp, log } from '../../elementary.js'
import type { Section } from '../../section.js'
import { surprise } from './chi-square.js'

/**
 * Half-widths of prediction intervals, in predicted standard deviations, adjusted after every observation so that the
 * chosen share of values falls inside in the long run, whatever the distribution: a miss widens, a hit narrows a little.
 * At first, while the predicted deviations are those of a model that knows nothing, nothing gets narrower than for a normal distribution.
 * @see Gibbs & Candès 2021, arXiv:2106.00170; Angelopoulos et al. 2023, arXiv:2307.16895 (quantile tracking).
 */
export class IntervalWidth {
  /** ln of the factor of each channel, and values seen. */
  readonly state: { readonly logWidth: Float64Array; readonly counts: Float64Array }
  readonly #level: number
  readonly #normal: number

  /** @param level Share of the values that is to fall inside, in (0, 1). */
  constructor(channels: number, level: number) {
    this.#level = level
    this.#normal = logNormalWidth(level)
    this.state = { logWidth: new Float64Array(channels).fill(this.#normal), counts: new Float64Array(channels) }
  }

  /** @param saved The state of one with as many channels. */
  restore(saved: Section): void {
    const { logWidth, counts } = this.state
    // Earlier checkpoints do not count.
    if (!saved.fields.has('counts')) {
      saved.into({ logWidth })
      counts.fill(NEW)
    } else saved.into({ logWidth, counts })
  }

  /** Half-width in standard deviations. */
  factor(channel: number): number {
    return exp(this.state.logWidth[channel]!)
  }

  /** @param error In predicted standard deviations. */
  observe(channel: number, error: number): void {
    const { logWidth, counts } = this.state
    const missed = Math.abs(error) > this.factor(channel) ? 1 : 0
    const isNew = ++counts[channel]! < NEW
    if (isNew && missed === 0 && logWidth[channel]! <= this.#normal) return
    logWidth[channel]! += RATE * (missed - (1 - this.#level))
  }
}

const RATE = 0.05
/** Values of a channel, those of the warm-up included. */
const NEW = 100

/** ln of the normal distribution's half-width at this level, by bisection. */
function logNormalWidth(level: number): number {
  const target = -log(1 - level) / Math.LN10
  let [low, high] = [-8, 3]
  for (let n = 0; n < 60; n++) {
    const middle = (low + high) / 2
    if (surprise(exp(2 * middle), 1) < target) low = middle
    else high = middle
  }
  return low
}
