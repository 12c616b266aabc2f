import { exp } from '../../elementary.js'

/**
 * Mixes the model's prediction with persistence, channel by channel, by how well each has done lately: an exponentially
 * weighted mixture of two experts, with squared errors in units of the channel's typical movement. A model that knows the
 * system gets all the weight; one that has not found anything yet, or lost its way, costs little.
 *
 * For the observations just after a surprise it must also have been the better one just after earlier surprises: where a sensor
 * is moved, a lamp is switched or the sun comes out, a model that was right until then overshoots; in a system that jumps by nature it does not.
 * @see Vovk 1998, doi:10.1006/jcss.1997.1556 (aggregating algorithm); Herbster & Warmuth 1998 (tracking the best expert).
 */
export class PersistenceBlend {
  /**
   * Per channel: `lead`, the discounted lead of the model over persistence, in log weight, and `shockLead`, the same after a
   * surprise; `shock`, the observations for which a surprise still counts; `movement`, the running mean square of what
   * persistence misses; `counts`, the values seen.
   */
  readonly state: {
    readonly lead: Float64Array
    readonly shockLead: Float64Array
    readonly shock: Float64Array
    readonly movement: Float64Array
    readonly counts: Float64Array
  }

  constructor(channels: number) {
    const array = () => new Float64Array(channels)
    this.state = { lead: array(), shockLead: array(), shock: array(), movement: array(), counts: array() }
  }

  /** Call when all channels of an observation have been seen: what surprises in one may throw off the predictions of all. */
  shareShock(): void {
    const { shock } = this.state
    shock.fill(shock.reduce((longest, length) => Math.max(longest, length), 0))
  }

  /** Weight of the model in [0, 1]. */
  weight(channel: number): number {
    const { lead, shockLead, shock } = this.state
    const least = shock[channel]! > 0 ? Math.min(lead[channel]!, shockLead[channel]!) : lead[channel]!
    return 1 / (1 + exp(-(least + HEAD_START)))
  }

  /** Root mean square of what persistence misses, in the learner's units; Infinity before anything is known. */
  typical(channel: number): number {
    const { movement, counts } = this.state
    return counts[channel]! > 0 ? Math.sqrt(movement[channel]!) : Number.POSITIVE_INFINITY
  }

  /**
   * @param model, persistence Errors of the two, in the learner's units.
   * @param deviation The standard deviation that was predicted for the model's error.
   */
  observe(channel: number, model: number, persistence: number, deviation: number): void {
    const { lead, shockLead, shock, movement, counts } = this.state
    // Without an infinity, which would make a NaN of the quotients below, and of the lead for good.
    const [m, p] = [Math.min(model ** 2, Number.MAX_VALUE), Math.min(persistence ** 2, Number.MAX_VALUE)]
    const typical = movement[channel]!
    const unit = typical > 0 ? typical : Math.max(p, SMALLEST)
    const gained = RATE * (Math.min(p / unit, LARGEST) - Math.min(m / unit, LARGEST))
    lead[channel] = MEMORY * lead[channel]! + gained
    if (shock[channel]! > 0) shockLead[channel] = MEMORY * shockLead[channel]! + gained
    shock[channel] = Math.abs(model) > SURPRISE * deviation ? SHOCK_LENGTH : Math.max(0, shock[channel]! - 1)
    const rate = Math.max(MOVEMENT_RATE, 1 / ++counts[channel]!)
    movement[channel] = Math.max(unit + rate * (Math.min(p, LARGEST * unit) - unit), SMALLEST)
  }
}

const HEAD_START = 1
const MEMORY = 0.99
const RATE = 0.25
/** One observation says no more than this, however large its error. */
const LARGEST = 400
/** A surprise is an error of more standard deviations than this; it counts for so many observations. */
const SURPRISE = 5
const SHOCK_LENGTH = 3
const MOVEMENT_RATE = 0.005
const SMALLEST = 1e-12
