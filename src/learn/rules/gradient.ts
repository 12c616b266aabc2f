import type { Sweep } from '../../adjoint/sweep.js'
import { allFinite } from '../../finite.js'
import { isMeasured } from '../../observation.js'
import type { Model } from '../model/model.js'
import { ownPartFailed } from '../model/own-part.js'
import { clipNorm } from './clip.js'
import type { LearningRule, RuleReport } from './learning-rule.js'
import { type Loss, squared } from './losses.js'
import { NoiseEstimate } from './noise.js'
import type { Optimizer } from './optimizer.js'
import { countMeasured } from './path-loss.js'

export interface GradientOptions {
  readonly loss?: Loss
  /** Longest gradient that is used whole. Default 1. */
  readonly clip?: number
  /** Name of an optimizer of one's own, which may throw: an update is whole then, or has changed nothing. */
  readonly own?: string
}

/**
 * Gradient descent on the window: every observation in it injects its loss gradient, one backward sweep gives ∂L/∂θ of
 * L = Σ l_i / (observed values in the window). One backward sweep an update, whatever the number of parameters.
 */
export class GradientRule implements LearningRule {
  /** The noise itself: this rule knows no other uncertainty. */
  readonly variance: Float64Array
  readonly noise: Float64Array
  readonly state: Readonly<Record<string, Float64Array>>
  readonly #model: Model
  readonly #optimizer: Optimizer
  readonly #loss: Loss
  /** Of what the loss learns along. */
  readonly #lossOptimizer: Optimizer
  readonly #lossGradient: Float64Array
  readonly #clip: number
  readonly #noise: NoiseEstimate
  readonly #gradient: Float64Array
  /** Of the optimizers, as it was at the start. */
  readonly #start: readonly (readonly [Float64Array, Float64Array])[]
  readonly #views: { field: Float64Array; update: Float64Array }
  readonly #own: string | undefined

  /** @param createOptimizer For a vector of this length. */
  constructor(model: Model, createOptimizer: (length: number) => Optimizer, options: GradientOptions = {}) {
    this.#model = model
    this.#optimizer = createOptimizer(model.parameters.length)
    this.#loss = options.loss ?? squared
    const learnedAlong = this.#loss.parameters ?? new Float64Array(0)
    this.#lossOptimizer = createOptimizer(learnedAlong.length)
    this.#lossGradient = new Float64Array(learnedAlong.length)
    this.#clip = options.clip ?? 1
    this.#own = options.own
    this.#noise = new NoiseEstimate(model.channels)
    this.#gradient = new Float64Array(model.parameters.length)
    const split = model.field.parameters.length
    this.#views = { field: this.#gradient.subarray(0, split), update: this.#gradient.subarray(split) }
    this.noise = this.#noise.variance
    this.variance = this.noise
    const moments = { ...this.#optimizer.state, ...this.#lossState(learnedAlong) }
    this.#start = Object.values(moments).map(array => [array, array.slice()])
    this.state = { ...this.#noise.state, ...moments }
  }

  #lossState(parameters: Float64Array): Record<string, Float64Array> {
    if (parameters.length === 0) return {}
    const named = Object.entries(this.#lossOptimizer.state).map(([name, array]) => [`loss-${name}`, array] as const)
    return { loss: parameters, ...Object.fromEntries(named) }
  }

  assess(): void {
    // `variance` is the noise estimate, which is up to date.
  }

  restart(): void {
    for (const [array, start] of this.#start) array.set(start)
  }

  explained(): number {
    return 0
  }

  learn(sweep: Sweep, last: number): RuleReport {
    const values = countMeasured(sweep.length, index => sweep.observed(index))
    if (values === 0) return { gradientNorm: 0 }
    this.#gradient.fill(0)
    this.#lossGradient.fill(0)
    sweep.backward((index, z, a) => {
      const y = sweep.observed(index)
      for (let j = 0; j < y.length; j++) if (isMeasured(y[j]!)) this.#injectChannel(z[j]! - y[j]!, j, 1 / values, a)
    }, this.#views)
    const gradientNorm = clipNorm(this.#gradient, this.#clip)
    if (!(gradientNorm < Infinity && allFinite(this.#lossGradient)))
      return { gradientNorm, rejected: 'The gradient is not finite.' }
    if (this.#own === undefined) this.#update()
    else this.#updateOrNothing(this.#own)
    this.#track(sweep, last)
    return { gradientNorm }
  }

  #update(): void {
    this.#optimizer.update(this.#model.parameters, this.#gradient)
    if (this.#loss.parameters) this.#lossOptimizer.update(this.#loss.parameters, this.#lossGradient)
  }

  #updateOrNothing(name: string): void {
    const before = [this.#model.parameters, ...Object.values(this.state)].map(array => [array, array.slice()] as const)
    try {
      this.#update()
    } catch (error) {
      for (const [array, values] of before) array.set(values)
      throw ownPartFailed(`the optimizer ${name}`, error)
    }
  }

  #injectChannel(residual: number, channel: number, weight: number, a: Float64Array): void {
    a[channel]! += weight * this.#loss.slope(residual, channel)
    this.#loss.parameterSlope?.(residual, channel, weight, this.#lossGradient)
  }

  #track(sweep: Sweep, last: number): void {
    const y = sweep.observed(last)
    const z = sweep.before(last)
    for (let j = 0; j < y.length; j++) if (isMeasured(y[j]!)) this.#noise.observe(j, y[j]! - z[j]!, 0)
  }
}
