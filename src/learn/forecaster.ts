import { type JumpVisitor, type ObservedPath, Sweep } from '../adjoint/sweep.js'
import type { IntegratorOptions } from '../ode/integrator.js'
import { REACHED } from '../ode/outcome.js'
import { ForecastPath } from './forecast-path.js'
import type { LearningRule } from './learning-rule.js'
import type { Model } from './model.js'

/** h(z) and its predictive variance at one horizon, in the learner's units. */
export interface HorizonPrediction {
  readonly predicted: number[]
  /** Undefined when it was not asked for. */
  readonly variance: number[] | undefined
}

/** What is wanted of a look ahead. */
export interface LookAhead {
  /** With variances, which cost a backward sweep a channel and horizon. Default true. */
  readonly variance?: boolean
}

/**
 * Looks ahead without changing anything: propagates the state under today's parameters, and pulls one unit adjoint a channel
 * back from each horizon. It shows what the uncertainty of the parameters does there, ψᵀPψ, and what the innovations to
 * come in between would have done: each would have moved the state by K times an innovation of variance R.
 */
export class Forecaster {
  readonly #model: Model
  readonly #rule: LearningRule
  readonly #solver: IntegratorOptions

  constructor(model: Model, rule: LearningRule, solver: IntegratorOptions) {
    this.#model = model
    this.#rule = rule
    this.#solver = solver
  }

  /**
   * @param past The window that has been learned. @param horizons In typical gaps after its last observation, ascending.
   * @returns One prediction a horizon, fewer when the solver could not get there.
   */
  forecast(past: ObservedPath, horizons: readonly number[], { variance = true }: LookAhead = {}): HorizonPrediction[] {
    const spacing = variance ? Math.max(1, (horizons.at(-1) ?? 0) / MOST_INNOVATIONS) : Infinity
    const path = new ForecastPath(past, this.#model.channels, horizons, spacing)
    // A sweep of its own: the learner's step sizes stay as they are, so that looking changes nothing.
    const sweep = new Sweep(this.#model.field, this.#model.update, this.#solver)
    const outcome = sweep.forward(path)
    const reached = path.horizonIndex.filter(index => outcome === REACHED || index < sweep.length)
    return reached.map(index => {
      const predicted = Array.from(sweep.before(index).subarray(0, this.#model.channels))
      return { predicted, variance: variance ? this.#variance(sweep, path, index, spacing) : undefined }
    })
  }

  #variance(sweep: Sweep, path: ForecastPath, index: number, spacing: number): number[] {
    const { channels, parameters, field } = this.#model
    return Array.from({ length: channels }, (_, channel) => {
      const psi = new Float64Array(parameters.length)
      const split = field.parameters.length
      const innovations = new FutureInnovations(sweep, this.#model, this.#rule.noise, path.future, index)
      sweep.backward(
        (at, _z, a) => {
          if (at === index) a[channel]! += 1
        },
        { field: psi.subarray(0, split), update: psi.subarray(split) },
        innovations,
      )
      return this.#rule.explained(psi) + this.#rule.noise[channel]! + spacing * innovations.variance
    })
  }
}

/** More grid times than this are not needed to see how innovations add up. */
const MOST_INNOVATIONS = 64

/** Sums what innovations at the grid times before a horizon would have contributed to its variance. */
class FutureInnovations implements JumpVisitor {
  variance = 0
  readonly #sweep: Sweep
  readonly #model: Model
  readonly #noise: Float64Array
  readonly #first: number
  readonly #horizon: number

  constructor(sweep: Sweep, model: Model, noise: Float64Array, first: number, horizon: number) {
    this.#sweep = sweep
    this.#model = model
    this.#noise = noise
    this.#first = first
    this.#horizon = horizon
  }

  before(index: number, a: Float64Array): void {
    if (index < this.#first || index >= this.#horizon) return
    const { channels, update } = this.#model
    const z = this.#sweep.before(index)
    const ay = new Float64Array(channels)
    // As if every channel were measured exactly as predicted: the innovation is zero, its influence is not.
    update.vjp(z, z.slice(0, channels), a.slice(), new Float64Array(update.parameters.length), ay)
    for (let j = 0; j < channels; j++) this.variance += ay[j]! ** 2 * this.#noise[j]!
  }

  after(): void {}
}
