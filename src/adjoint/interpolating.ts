import type { VectorField } from '../field/vector-field.js'
import { Integrator } from '../ode/integrator.js'
import type { IntegratorOptions } from '../ode/integrator-options.js'
import { firstTableau } from '../ode/method.js'
import type { Outcome } from '../ode/outcome.js'
import type { DensePath } from '../ode/solution/dense-path.js'
import { DenseReader } from '../ode/solution/dense-reader.js'
import type { Tape, TapeStep } from '../ode/solution/tape.js'
import { AdjointEquation } from './adjoint-equation.js'
import type { Stretch, StretchSolver } from './continuous.js'
import { gaussLegendre, type Quadrature } from './gauss-legendre.js'

/**
 * The adjoint equation a' = −f_zᵀ a solved backward along the dense output of the forward solve, with steps and tolerances of
 * its own; ∂L/∂θ = ∫ f_θᵀ a dt by Gauss quadrature on each of its steps, so that the system solved has dimension d, not d + p.
 * Its error is that of the tolerance: measured against the closed form of a linear system, below ten tolerances.
 * @see Rackauckas et al. 2020, arXiv:2001.04385 (interpolating and quadrature adjoints).
 */
export class InterpolatingSolver implements StretchSolver {
  readonly #field: VectorField
  readonly #equation: AdjointEquation
  readonly #integrator: Integrator
  readonly #tape: Tape
  readonly #reader: DenseReader
  readonly #quadrature: Quadrature
  readonly #scratch: { readonly z: Float64Array; readonly a: Float64Array; readonly az: Float64Array }
  #vjps = 0

  constructor(field: VectorField, options: IntegratorOptions) {
    const d = field.dimension
    this.#field = field
    this.#equation = new AdjointEquation(field)
    this.#integrator = new Integrator(this.#equation, options)
    this.#tape = this.#integrator.createTape()
    this.#reader = new DenseReader(this.#equation)
    this.#quadrature = gaussLegendre(Math.ceil((firstTableau(options.method).order + 1) / 2))
    this.#scratch = { z: new Float64Array(d), a: new Float64Array(d), az: new Float64Array(d) }
  }

  get evaluations(): number {
    return this.#vjps + this.#integrator.evaluations + this.#reader.evaluations
  }

  pull({ from, to, path }: Stretch, a: Float64Array, gradient: Float64Array): Outcome {
    this.#equation.path = path
    this.#tape.rewind()
    const outcome = this.#integrator.propagate(from, to, a, this.#tape)
    for (let n = 0; n < this.#tape.length; n++) this.#integrate(this.#tape.step(n), path, gradient)
    return outcome
  }

  /** Adds ∫ f_θᵀ a dt over one backward step. */
  #integrate(step: TapeStep, path: DensePath, gradient: Float64Array): void {
    const { z, a, az } = this.#scratch
    const { nodes, weights } = this.#quadrature
    for (let k = 0; k < nodes.length; k++) {
      const t = step.t + nodes[k]! * step.h
      path.state(t, z)
      this.#reader.state(step, nodes[k]!, a)
      const weight = Math.abs(step.h) * weights[k]!
      for (let i = 0; i < a.length; i++) a[i]! *= weight
      this.#field.vjp(t, z, a, az, gradient)
      this.#vjps++
    }
  }
}
