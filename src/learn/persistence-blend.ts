import { exp } from '../elementary.js'

/**
 * Mixes the model's prediction with persistence, channel by channel, by how well each has done lately: an exponentially
 * weighted mixture of two experts. A model that knows the system gets all the weight; one that has not found anything yet,
 * or lost its way, costs little.
 * @see Vovk 1998, doi:10.1006/jcss.1997.1556 (aggregating algorithm); Herbster & Warmuth 1998 (tracking the best expert).
 */
export class PersistenceBlend {
  /** Per channel: discounted lead of the model over persistence, in log weight; and the scale of good errors, squared. */
  readonly state: { readonly lead: Float64Array; readonly errorScale: Float64Array }

  constructor(channels: number) {
    this.state = { lead: new Float64Array(channels), errorScale: new Float64Array(channels) }
  }

  /** Weight of the model in [0, 1]. */
  weight(channel: number): number {
    return 1 / (1 + exp(-(this.state.lead[channel]! + HEAD_START)))
  }

  /** @param model, persistence Errors of the two, in the learner's units. */
  observe(channel: number, model: number, persistence: number): void {
    const { lead, errorScale } = this.state
    const [m, p] = [model * model, persistence * persistence]
    const better = Math.min(m, p)
    const scale = errorScale[channel]!
    const unit = scale > 0 ? scale : 1
    const gained = RATE * (Math.min(p / unit, LARGEST) - Math.min(m / unit, LARGEST))
    lead[channel] = MEMORY * lead[channel]! + gained
    errorScale[channel] =
      scale > 0 ? scale + SCALE_RATE * (Math.min(better, 9 * scale) - scale) : Math.max(better, SMALLEST)
  }
}

const HEAD_START = 1
const MEMORY = 0.99
const RATE = 0.075
const LARGEST = 400
const SCALE_RATE = 0.05
const SMALLEST = 1e-12
