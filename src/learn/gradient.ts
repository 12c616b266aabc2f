import type { Sweep } from '../adjoint/sweep.js'
import { isMeasured } from '../observation.js'
import { clipNorm } from './clip.js'
import type { LearningRule, RuleReport } from './learning-rule.js'
import { type Loss, squared } from './losses.js'
import type { Model } from './model.js'
import { NoiseEstimate } from './noise.js'
import type { Optimizer } from './optimizer.js'

export interface GradientOptions {
  readonly loss?: Loss
  /** Longest gradient that is used whole. Default 1. */
  readonly clip?: number
}

/**
 * Gradient descent on the window: every observation in it injects its loss gradient, one backward sweep gives ∂L/∂θ of
 * L = Σ l_i / (observed values in the window). One backward sweep an update, whatever the number of parameters.
 */
export class GradientRule implements LearningRule {
  readonly variance: Float64Array
  readonly noise: Float64Array
  readonly state: Readonly<Record<string, Float64Array>>
  readonly #model: Model
  readonly #optimizer: Optimizer
  readonly #loss: Loss
  readonly #clip: number
  readonly #noise: NoiseEstimate
  readonly #gradient: Float64Array
  readonly #views: { field: Float64Array; update: Float64Array }

  constructor(model: Model, optimizer: Optimizer, options: GradientOptions = {}) {
    this.#model = model
    this.#optimizer = optimizer
    this.#loss = options.loss ?? squared
    this.#clip = options.clip ?? 1
    this.#noise = new NoiseEstimate(model.channels)
    this.#gradient = new Float64Array(model.parameters.length)
    const split = model.field.parameters.length
    this.#views = { field: this.#gradient.subarray(0, split), update: this.#gradient.subarray(split) }
    this.noise = this.#noise.variance
    this.variance = this.noise
    this.state = { ...this.#noise.state, ...optimizer.state }
  }

  assess(): void {
    // The noise estimate is the predictive variance: this rule knows no other uncertainty.
  }

  explained(): number {
    return 0
  }

  learn(sweep: Sweep, last: number): RuleReport {
    const values = countMeasured(sweep, last)
    if (values === 0) return { gradientNorm: 0 }
    this.#gradient.fill(0)
    sweep.backward((index, z, a) => {
      const y = sweep.observed(index)
      for (let j = 0; j < y.length; j++) if (isMeasured(y[j]!)) a[j]! += this.#loss.slope(z[j]! - y[j]!) / values
    }, this.#views)
    const gradientNorm = clipNorm(this.#gradient, this.#clip)
    if (!(gradientNorm < Infinity)) return { gradientNorm, rejected: 'The gradient is not finite.' }
    this.#optimizer.update(this.#model.parameters, this.#gradient)
    this.#track(sweep, last)
    return { gradientNorm }
  }

  #track(sweep: Sweep, last: number): void {
    const y = sweep.observed(last)
    const z = sweep.before(last)
    for (let j = 0; j < y.length; j++) if (isMeasured(y[j]!)) this.#noise.observe(j, y[j]! - z[j]!, 0)
  }
}

function countMeasured(sweep: Sweep, last: number): number {
  let count = 0
  for (let index = 0; index <= last; index++) {
    const y = sweep.observed(index)
    for (let j = 0; j < y.length; j++) if (isMeasured(y[j]!)) count++
  }
  return count
}
