import { type AdjointSolution, sweepAdjoint } from '../../adjoint/solve-adjoint.js'
import { Sweep, type SweepOptions } from '../../adjoint/sweep.js'
import { none } from '../../adjoint/update/none.js'
import { ContraflowError } from '../../errors.js'
import type { VectorField } from '../../field/vector-field.js'
import { isMeasured } from '../../observation.js'
import { Window } from '../window/window.js'
import { GaussianState } from './gaussian-state.js'
import { squared } from './losses.js'
import { pathLoss } from './path-loss.js'

/** Field, window, noise and start of a moving horizon. */
export interface MovingHorizonOptions {
  /** f(t, z; θ), of dimension d; θ is not estimated. */
  readonly field: VectorField
  /** The first channels of the state are observed. */
  readonly channels: number
  /** Observations in the window. */
  readonly window: number
  /** Variance of the measurement noise of each channel [channels]. */
  readonly noise: Float64Array
  /** Variance that each dimension gains in a second [d], taken into account when the window slides. Default 0. */
  readonly diffusion?: Float64Array
  /** What is known of the state at the first observation: mean [d] and standard deviations [d]. */
  readonly start: { readonly mean: Float64Array; readonly deviation: Float64Array }
  /** Gauss–Newton iterations an observation; one solves a linear field. Default 2. */
  readonly iterations?: number
  /** Method and tolerances of the sweeps. */
  readonly solver: SweepOptions
}

/** What a moving horizon says of one observation. */
export interface MovingHorizonEstimate {
  /** h(z) expected before the observation was used [channels]. */
  readonly predicted: Float64Array
  /** The state now [d], with everything observed so far. */
  readonly state: Float64Array
  /** Its covariance [d × d], row-major. */
  readonly covariance: Float64Array
  /** The window at its optimum: gradients of ½ Σ e²/R by θ and by times, jumps and all. */
  readonly solution: AdjointSolution
}

/**
 * Moving horizon estimation: the state at the start of a window is chosen to minimise
 *
 *     L(z_s) = ½ (z_s − z̄)ᵀ P⁻¹ (z_s − z̄) + ½ Σ_i Σ_c (z_c(t_i) − y_ic)² / R_c,
 *
 * by Gauss–Newton steps with sensitivities from one backward sweep for each value. The first term, the arrival cost, is what
 * the observations that have left the window say. When one leaves, it is taken into (z̄, P) at the old start, alone, and the two flow to
 * the new one: an observation is in the window or in (z̄, P), never in both. For a linear field without diffusion the result is
 * that of the Kalman filter. Cost: one sweep back for each value in the window and iteration.
 * @see Rao, Rawlings & Mayne 2003, doi:10.1109/TAC.2002.808470.
 */
export class MovingHorizon {
  readonly #options: MovingHorizonOptions
  readonly #sweep: Sweep
  readonly #window: Window
  /** z̄ and P at the start of the window; its optimum there. */
  #prior: GaussianState
  #start: Float64Array
  #time = 0
  #started = false

  /** @throws ContraflowError DIMENSION_MISMATCH where the start has another dimension than the field. */
  constructor(options: MovingHorizonOptions) {
    const { field, channels, window, start, solver } = options
    if (start.mean.length !== field.dimension)
      throw new ContraflowError('DIMENSION_MISMATCH', {
        received: `a start of ${start.mean.length} dimensions`,
        expected: `${field.dimension}, the dimension of the field`,
      })
    this.#options = options
    this.#sweep = new Sweep(field, none(), solver)
    this.#window = new Window(window + 1, field.dimension, channels)
    this.#prior = GaussianState.diagonal(start.mean, start.deviation)
    this.#start = start.mean.slice()
  }

  /** @param t Seconds, not earlier than the last. @param y Values [channels], NaN where nothing was measured. */
  observe(t: number, y: Float64Array): MovingHorizonEstimate {
    if (t < this.#time && this.#started)
      throw new ContraflowError('TIME_NOT_MONOTONE', { received: `t=${t} after t=${this.#time}` })
    this.#window.append(this.#started ? t - this.#time : 0).set(y)
    this.#started = true
    this.#time = t
    const last = this.#window.length - 1
    this.#solve()
    const predicted = this.#sweep.before(last).slice(0, this.#options.channels)
    const posterior = this.#optimise()
    const covariance = posterior.propagated(this.#transition(last)).covariance
    const solution = sweepAdjoint(this.#sweep, this.#window, this.#loss())
    const state = Float64Array.from(this.#sweep.before(last))
    if (this.#window.full) this.#slide()
    return { predicted, state, covariance, solution }
  }

  #solve(): void {
    this.#window.startState.set(this.#start)
    this.#sweep.forward(this.#window)
  }

  #loss() {
    const { noise } = this.#options
    const { length } = this.#window
    const half = {
      value: (e: number, c: number) => squared.value(e, c) / (2 * noise[c]!),
      slope: (e: number, c: number) => e / noise[c]!,
    }
    return pathLoss({ loss: half, length, observed: index => this.#window.observed(index), divisor: 1 })
  }

  /** Gauss–Newton from today's start. @returns The posterior of the start. */
  #optimise(): GaussianState {
    let posterior = this.#prior
    for (let n = 0; n < (this.#options.iterations ?? 2); n++) {
      posterior = this.#assimilated(this.#window.length)
      this.#start = posterior.mean.slice()
      this.#solve()
    }
    return posterior
  }

  /** The prior with the first `count` observations, linearised at today's start. */
  #assimilated(count: number): GaussianState {
    const { noise } = this.#options
    const posterior = this.#prior.clone()
    for (let index = 0; index < count; index++) {
      const y = this.#window.observed(index)
      for (let c = 0; c < y.length; c++) {
        if (!isMeasured(y[c]!)) continue
        const sensitivity = this.#sensitivity(index, c)
        // What y says of the start itself: y − h(z) + H z_s.
        const shift = sensitivity.reduce((sum, s, i) => sum + s * this.#start[i]!, 0)
        posterior.assimilate(sensitivity, y[c]! - this.#sweep.before(index)[c]! + shift, noise[c]!)
      }
    }
    return posterior
  }

  /** ∂z_c(t_index)/∂z_s [d]. */
  #sensitivity(index: number, c: number): Float64Array {
    const { field } = this.#options
    const gradient = { field: new Float64Array(field.parameters.length), update: new Float64Array(0) }
    const inject = (at: number, _z: Float64Array, a: Float64Array) => {
      if (at === index) a[c]! += 1
    }
    return this.#sweep.backward(inject, gradient).slice()
  }

  /** Φ(t_index, t_s) [d × d], row-major. */
  #transition(index: number): Float64Array {
    const d = this.#options.field.dimension
    const matrix = new Float64Array(d * d)
    for (let c = 0; c < d; c++) matrix.set(this.#sensitivity(index, c), c * d)
    return matrix
  }

  /** Takes the first observation into the prior and moves both to its time. */
  #slide(): void {
    const { field, diffusion = new Float64Array(field.dimension) } = this.#options
    const gap = this.#window.time(0) - this.#window.startTime
    const dropped = this.#assimilated(1)
    const moved = this.#sweep.before(0).slice()
    // Where the prior's mean flows to, to first order around the optimum that the sweep has been solved for.
    const transition = this.#transition(0)
    const d = field.dimension
    const mean = moved.map((z, i) => {
      let shift = 0
      for (let j = 0; j < d; j++) shift += transition[i * d + j]! * (dropped.mean[j]! - this.#start[j]!)
      return z + shift
    })
    this.#prior = dropped.propagated(
      transition,
      mean,
      diffusion.map(q => q * gap),
    )
    this.#start = moved
    this.#window.slide(moved, field.timeDependent ?? true)
  }
}
