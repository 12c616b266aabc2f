import type { Sweep } from '../../adjoint/sweep.js'
import { allFinite } from '../../finite.js'
import { isMeasured } from '../../observation.js'
import { requireCount, requireOption } from '../../require-option.js'
import type { Covariance } from '../covariance/covariance.js'
import { parameterCovariance } from '../covariance/parameter-covariance.js'
import type { Model } from '../model/model.js'
import type { Evidence } from '../window/labels.js'
import { norm } from './clip.js'
import type { LearningRule, RuleReport } from './learning-rule.js'
import { NoiseEstimate } from './noise.js'

/** How the Kalman rule forgets and clips. */
export interface KalmanOptions {
  /** What each update leaves of old evidence. Default 0.999: about the last thousand observations count. */
  readonly forgetting?: number
  /** Innovations beyond this many standard deviations are cut. Default 5. */
  readonly clip?: number
  /**
   * Most parameters whose errors are seen together. `auto`, the default, is all of them up to 512, and 256 of more: an update then
   * costs time and memory that grow with p and not with p².
   */
  readonly block?: number | 'auto'
}

/** @throws ContraflowError OPTION_INVALID for options that are out of range. */
export function requireKalman({ forgetting = 0.999, clip = 5, block = 'auto' }: KalmanOptions): void {
  requireOption('forgetting', forgetting, forgetting > 0 && forgetting <= 1, 'more than 0, at most 1')
  requireOption('clip', clip, clip > 0, 'a positive number')
  if (block !== 'auto') requireCount('block', block)
}

/**
 * An extended Kalman filter on the parameters (recursive prediction error method). The new observation alone injects: one
 * unit jump a channel, whose adjoint, pulled back through the window and its update maps, is the sensitivity ψ_j = ∂ŷ_j/∂θ.
 * Channel after channel: S = ψᵀPψ + R, θ += Pψ e/S, P −= Pψψᵀ P/S.
 *
 * Costs one backward sweep a channel and passes over P: p(p+1)/2 numbers, fewer in blocks.
 * @see Ljung 1979, doi:10.1109/TAC.1979.1101943; Puskorius & Feldkamp 1994, doi:10.1109/72.279191.
 */
export class KalmanRule implements LearningRule {
  readonly variance: Float64Array
  readonly noise: Float64Array
  readonly state: Readonly<Record<string, Float64Array>>
  readonly #model: Model
  readonly #clip: number
  /** Innovations of this update that were cut. */
  #clipped = 0
  readonly #covariance: Covariance
  readonly #noise: NoiseEstimate
  /** Per channel: ψ_j, P ψ_j and ψ_jᵀ P ψ_j. */
  readonly #sensitivity: Float64Array[]
  readonly #gain: Float64Array[]
  readonly #explained: Float64Array
  /** ψᵀΔθ that each channel asked for, outliers cut. */
  readonly #target: Float64Array
  /** The gains in the order they were used, and S of each. */
  readonly #used: Float64Array[] = []
  readonly #weights: Float64Array
  readonly #change: Float64Array
  readonly #gradient: Float64Array
  /** Where ψ_j is written: views of field and update parameters. */
  readonly #views: { field: Float64Array; update: Float64Array }[]

  constructor(model: Model, options: KalmanOptions = {}) {
    const { channels, parameters } = model
    const vectors = () => Array.from({ length: channels }, () => new Float64Array(parameters.length))
    this.#model = model
    this.#clip = options.clip ?? 5
    this.#covariance = parameterCovariance(model, options.forgetting, options.block)
    this.#noise = new NoiseEstimate(channels)
    this.#sensitivity = vectors()
    this.#gain = vectors()
    this.#explained = new Float64Array(channels)
    this.#target = new Float64Array(channels)
    this.#weights = new Float64Array(channels)
    this.#change = new Float64Array(parameters.length)
    this.#gradient = new Float64Array(parameters.length)
    const split = model.field.parameters.length
    this.#views = this.#sensitivity.map(psi => ({ field: psi.subarray(0, split), update: psi.subarray(split) }))
    this.variance = this.#noise.variance.slice()
    this.noise = this.#noise.variance
    this.state = { ...this.#covariance.state, ...this.#noise.state }
  }

  assess(sweep: Sweep, last: number): void {
    for (let j = 0; j < this.#model.channels; j++) {
      this.#sensitivity[j]!.fill(0)
      sweep.backward((index, _z, a) => {
        if (index === last) a[j]! += 1
      }, this.#views[j]!)
    }
    this.#covariance.multiply(this.#sensitivity, this.#gain)
    for (let j = 0; j < this.#model.channels; j++) {
      // Where P has lost its definiteness or ψ is not finite, the update will say so; intervals must stay what they are.
      const explained = dot(this.#sensitivity[j]!, this.#gain[j]!)
      this.#explained[j] = explained >= 0 && explained < Infinity ? explained : 0
      this.variance[j] = this.#explained[j]! + this.#noise.variance[j]!
    }
  }

  restart(): void {
    this.#covariance.reset()
  }

  explained(sensitivity: Float64Array): number {
    const product = new Float64Array(sensitivity.length)
    this.#covariance.multiply([sensitivity], [product])
    return dot(sensitivity, product)
  }

  learn(sweep: Sweep, last: number, remember = false): RuleReport {
    const y = sweep.observed(last)
    const z = sweep.before(last)
    const measured = this.#measured(y)
    const gradientNorm = this.#gradientNorm(y, z, measured)
    this.#change.fill(0)
    this.#clipped = 0
    for (let k = 0; k < measured.length; k++) {
      const j = measured[k]!
      const rejected = this.#assimilate(j, k, y[j]! - z[j]!)
      if (rejected) return { gradientNorm, rejected }
    }
    if (!allFinite(this.#change)) return { gradientNorm, rejected: 'The update is not finite.' }
    const evidence = remember ? this.#evidence(measured) : undefined
    add(this.#model.parameters, this.#change)
    if (measured.length === 0) return { gradientNorm }
    this.#covariance.update(this.#used, this.#weights, measured.length)
    for (const j of measured) this.#noise.observe(j, y[j]! - z[j]!, this.#explained[j]!)
    return { gradientNorm, ...(evidence && { evidence }), ...(this.#clipped > 0 && { clipped: this.#clipped }) }
  }

  /**
   * The same update with the variance negated takes the information out of P and its pull out of θ: exact, when what was learned
   * since has been unlearned before, but for the pseudo-observations in between.
   */
  unlearn(evidence: Evidence): RuleReport {
    const { target, noise, explained, sensitivity } = evidence as KalmanEvidence
    const { length } = this.#model.parameters
    this.#sensitivity.forEach((psi, j) => {
      psi.set(sensitivity.subarray(j * length, (j + 1) * length))
    })
    this.#covariance.multiply(this.#sensitivity, this.#gain)
    for (const u of this.#gain) for (let i = 0; i < length; i++) u[i]! *= this.#covariance.forgetting
    const learned = this.#measured(target)
    this.#change.fill(0)
    for (let k = 0; k < learned.length; k++) {
      const j = learned[k]!
      const psi = this.#sensitivity[j]!
      const s = negativeVariance(this.#deflate(j, k), noise[j]!, explained[j]!)
      if (!(s < 0)) return { gradientNorm: 0, rejected: 'What was learned from it is no longer in the parameters.' }
      this.#use(j, k, s, target[j]! - dot(psi, this.#model.parameters) - dot(psi, this.#change))
    }
    if (!allFinite(this.#change)) return { gradientNorm: 0, rejected: 'The update is not finite.' }
    add(this.#model.parameters, this.#change)
    if (learned.length > 0) this.#covariance.undo(this.#used, this.#weights, learned.length)
    return { gradientNorm: 0 }
  }

  /** Taken before the parameters change: ψᵀθ + the error as it was cut is what was learned of ψᵀθ. */
  #evidence(measured: readonly number[]): KalmanEvidence {
    const { parameters, channels } = this.#model
    const { length } = parameters
    const empty = () => new Float64Array(channels).fill(Number.NaN)
    const evidence = {
      target: empty(),
      noise: empty(),
      explained: empty(),
      sensitivity: new Float64Array(channels * length),
    }
    measured.forEach((j, k) => {
      const psi = this.#sensitivity[j]!
      evidence.target[j] = dot(psi, parameters) + this.#target[j]!
      evidence.noise[j] = this.#weights[k]! - this.#explained[j]!
      evidence.explained[j] = this.#explained[j]!
      evidence.sensitivity.set(psi, j * length)
    })
    return evidence
  }

  #measured(y: Float64Array): readonly number[] {
    return Array.from(y.keys()).filter(j => isMeasured(y[j]!))
  }

  /** Takes one channel in. */
  #assimilate(j: number, k: number, innovation: number): string | undefined {
    const psi = this.#sensitivity[j]!
    const explained = this.#deflate(j, k)
    if (!(explained >= 0)) {
      if (!allFinite(psi)) return 'The sensitivity to the parameters is not finite.'
      this.#covariance.reset()
      return 'The covariance of the parameters lost its definiteness and was set back to its prior.'
    }
    const s = explained + Math.max(this.#noise.variance[j]!, LEAST_NOISE * explained)
    const limit = this.#clip * Math.sqrt(s)
    const learned = dot(psi, this.#change)
    const error = Math.max(-limit, Math.min(limit, innovation - learned))
    if (error !== innovation - learned) this.#clipped++
    this.#target[j] = learned + error
    this.#explained[j] = explained
    this.#use(j, k, s, error)
    return undefined
  }

  /** Takes off the gain of channel j what the channels before it have used up of P. @returns ψᵀPψ of what is left. */
  #deflate(j: number, k: number): number {
    const psi = this.#sensitivity[j]!
    const u = this.#gain[j]!
    for (let i = 0; i < k; i++) addScaled(u, this.#used[i]!, -dot(this.#used[i]!, psi) / this.#weights[i]!)
    return dot(psi, u)
  }

  #use(j: number, k: number, s: number, error: number): void {
    const u = this.#gain[j]!
    addScaled(this.#change, u, error / s)
    this.#used[k] = u
    this.#weights[k] = s
  }

  /** Of the mean square of the innovations. */
  #gradientNorm(y: Float64Array, z: Float64Array, measured: readonly number[]): number {
    this.#gradient.fill(0)
    for (const j of measured) addScaled(this.#gradient, this.#sensitivity[j]!, (2 * (z[j]! - y[j]!)) / measured.length)
    return norm(this.#gradient)
  }
}

/** Of one observation, NaN for channels that were not learned [channels]. */
interface KalmanEvidence extends Evidence {
  /** What ψᵀθ should be. */
  readonly target: Float64Array
  /** The variance it was learned with. */
  readonly noise: Float64Array
  /** ψᵀPψ before it was learned. */
  readonly explained: Float64Array
  /** ψ, one channel after the other [channels · p]. */
  readonly sensitivity: Float64Array
}

/** ψᵀPψ − R; where almost all that is known along ψ comes from here, not beyond what was known before. */
function negativeVariance(now: number, noise: number, before: number): number {
  if (now < noise / 2) return now - noise
  return before > now ? now - Math.max(noise, (now * before) / (before - now)) : 0
}

/** R may not vanish against ψᵀPψ, or rounding makes P indefinite. */
const LEAST_NOISE = 1e-6

/** x += y. */
function add(x: Float64Array, y: Float64Array): void {
  for (let i = 0; i < x.length; i++) x[i]! += y[i]!
}

/** x += scale · y. */
function addScaled(x: Float64Array, y: Float64Array, scale: number): void {
  for (let i = 0; i < x.length; i++) x[i]! += scale * y[i]!
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
