import { type ObservedPath, Sweep, type SweepOptions } from '../../adjoint/sweep.js'
import { copy } from '../../copy.js'
import { REACHED } from '../../ode/outcome.js'
import type { Model } from '../model/model.js'
import type { LearningRule } from '../rules/learning-rule.js'
import { forecastTimes } from './forecast-times.js'
import { Outlook } from './outlook.js'

/** h(z) and its predictive variance at one horizon, in the learner's units. */
export interface HorizonPrediction {
  readonly predicted: number[]
  /** Undefined when it was not asked for. */
  readonly variance: number[] | undefined
}

/** What is wanted of a look ahead. */
export interface LookAhead {
  /** With variances, which cost a backward sweep a dimension and stretch. Default true. */
  readonly variance?: boolean
}

/**
 * Looks ahead without changing anything: sweeps over the window under today's parameters and carries the state on from there, and
 * with it what is not known of it.
 */
export class Forecaster {
  readonly #model: Model
  readonly #rule: LearningRule
  readonly #solver: SweepOptions
  readonly #ahead: Ahead
  /** Of its own: the learner's step sizes stay as they are. Made when it is needed, and kept: it holds memory of the kernels. */
  #sweep: Sweep | undefined

  constructor(model: Model, rule: LearningRule, solver: SweepOptions) {
    this.#model = model
    this.#rule = rule
    this.#solver = solver
    this.#ahead = new Ahead(model)
  }

  /**
   * @param past The window that has been learned. @param horizons In typical gaps after its last observation, ascending.
   * @returns One prediction a horizon, fewer when the solver could not get there.
   */
  forecast(past: ObservedPath, horizons: readonly number[], { variance = true }: LookAhead = {}): HorizonPrediction[] {
    const { channels } = this.#model
    const sweep = (this.#sweep ??= new Sweep(this.#model.field, this.#model.update, this.#solver))
    // As if it had been made just now.
    sweep.integrator.state.fill(0)
    if (sweep.forward(past) !== REACHED) return []
    const ahead = this.#ahead
    const now = ahead.begin(sweep, past)
    const outlook = variance ? new Outlook(this.#model, this.#rule, sweep, past) : undefined
    const spacing = variance ? Math.max(1, (horizons.at(-1) ?? 0) / MOST_INNOVATIONS) : Infinity
    const found: HorizonPrediction[] = []
    for (const time of forecastTimes(horizons, spacing)) {
      ahead.goTo(now + time)
      if (sweep.forward(ahead) !== REACHED) break
      outlook?.carry(sweep)
      copy(sweep.before(0), ahead.startState)
      for (const horizon of horizons) {
        if (horizon !== time) continue
        const predicted = Array.from(ahead.startState.subarray(0, channels))
        found.push({ predicted, variance: outlook && predicted.map((_, j) => outlook.variance(j)) })
      }
      outlook?.innovate(ahead.startState, spacing)
    }
    return found
  }
}

/** More grid times than this are not needed to see how innovations add up. */
const MOST_INNOVATIONS = 64

/** A stretch at whose end nothing is measured; the next one begins there. */
class Ahead implements ObservedPath {
  startTime = 0
  readonly startState: Float64Array
  readonly length = 1
  readonly #nothing: Float64Array
  #end = 0

  constructor({ dimension, channels }: Model) {
    this.startState = new Float64Array(dimension)
    this.#nothing = new Float64Array(channels).fill(Number.NaN)
  }

  /** @returns The time at which a path ends, from where the first stretch begins. */
  begin(sweep: Sweep, past: ObservedPath): number {
    const last = past.length - 1
    this.#end = last < 0 ? past.startTime : past.time(last)
    copy(last < 0 ? past.startState : sweep.after(last), this.startState)
    return this.#end
  }

  goTo(t: number): void {
    this.startTime = this.#end
    this.#end = t
  }

  time(): number {
    return this.#end
  }

  observed(): Float64Array {
    return this.#nothing
  }
}
