import type { VectorField } from '../field/vector-field.js'
import { Integrator } from '../ode/integrator.js'
import type { IntegratorOptions } from '../ode/integrator-options.js'
import { type Outcome, REACHED } from '../ode/outcome.js'
import { AugmentedEquation } from './augmented-equation.js'
import type { Stretch, StretchSolver } from './continuous.js'
import { InterpolatingSolver } from './interpolating.js'

/** A state solved backward may miss the stored one by this many tolerances before it is no longer believed. */
const TRUSTED = 1e3

export interface BacksolveOptions extends IntegratorOptions {
  /** Start each stretch at the stored state instead of where the last one led. Default true. */
  readonly anchored?: boolean
}

/**
 * The augmented system of the neural-ODE paper, [z, a, ∂L/∂θ] solved backward together, with the parameters left out of the error
 * norm (seminorm) and z anchored at the stored state of every observation.
 *
 * **Approximate.** Where the field contracts, z explodes backward: on z' = −20 z over T = 5 an error of 1e-12 becomes 1e31. When
 * the state solved backward misses the stored one by a thousand tolerances, the stretch is pulled back by the interpolating
 * solver instead, and `fallbacks` counts it.
 * @see Chen et al. 2018, arXiv:1806.07366; Kidger et al. 2021, arXiv:2009.09457 (seminorm).
 */
export class BacksolveSolver implements StretchSolver {
  /** Stretches on which the state solved backward could not be believed. */
  fallbacks = 0
  readonly #integrator: Integrator
  readonly #options: { readonly rtol: number; readonly atol: number; readonly anchored: boolean }
  readonly #interpolating: InterpolatingSolver
  /** z, a, ∂L/∂θ. */
  readonly #augmented: Float64Array
  readonly #stored: Float64Array
  #led = false

  constructor(field: VectorField, options: BacksolveOptions) {
    const d = field.dimension
    const { rtol = 1e-6, atol = 1e-9, anchored = true } = options
    this.#augmented = new Float64Array(2 * d + field.parameters.length)
    this.#stored = new Float64Array(d)
    this.#integrator = new Integrator(new AugmentedEquation(field), { ...options, normed: 2 * d })
    this.#interpolating = new InterpolatingSolver(field, options)
    this.#options = { rtol, atol, anchored }
  }

  /** An evaluation of the augmented system is one of f and one vjp. */
  get evaluations(): number {
    return 2 * this.#integrator.evaluations + this.#interpolating.evaluations
  }

  pull(stretch: Stretch, a: Float64Array, gradient: Float64Array): Outcome {
    const { from, to, path, anchor } = stretch
    const d = a.length
    const augmented = this.#augmented
    if (anchor === undefined) path.state(from, this.#stored)
    if (this.#options.anchored || anchor === undefined || !this.#led) augmented.set(anchor ?? this.#stored)
    augmented.set(a, d)
    augmented.fill(0, 2 * d)
    const outcome = this.#integrator.propagate(from, to, augmented)
    path.state(to, this.#stored)
    this.#led = outcome === REACHED && this.#isBelieved()
    if (!this.#led) {
      this.fallbacks++
      return this.#interpolating.pull(stretch, a, gradient)
    }
    for (let i = 0; i < d; i++) a[i] = augmented[d + i]!
    for (let k = 0; k < gradient.length; k++) gradient[k]! += augmented[2 * d + k]!
    return REACHED
  }

  /** Does the state solved backward meet the one solved forward? */
  #isBelieved(): boolean {
    const { rtol, atol } = this.#options
    return this.#stored.every((z, i) => Math.abs(this.#augmented[i]! - z) <= TRUSTED * (atol + rtol * Math.abs(z)))
  }
}
