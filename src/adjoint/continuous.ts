import type { VectorField } from '../field/vector-field.js'
import { type Outcome, REACHED } from '../ode/outcome.js'
import { DensePath } from '../ode/solution/dense-path.js'
import { DenseReader } from '../ode/solution/dense-reader.js'
import type { Tape } from '../ode/solution/tape.js'
import type { Adjoint, Place } from './adjoint.js'

/** From one place back to the one before it. */
export interface Stretch {
  readonly from: number
  readonly to: number
  /** z(t) between the two, and nothing beyond. */
  readonly path: DensePath
  /** z(from⁻) as it is stored [d]; nothing where the tape ends without a place. */
  readonly anchor: Float64Array | undefined
}

/** Solves an adjoint equation over one stretch. */
export interface StretchSolver {
  /** Evaluations of f and vjps so far. */
  readonly evaluations: number
  /** Carries a [d] from `from` to `to` and adds to ∂L/∂θ [p]. */
  pull(stretch: Stretch, a: Float64Array, gradient: Float64Array): Outcome
}

/** An adjoint that is the solution of a differential equation along the forward solution, stretch by stretch. */
export class ContinuousAdjoint implements Adjoint {
  readonly #solver: StretchSolver
  readonly #reader: DenseReader
  #tape: Tape | undefined
  #path: DensePath | undefined
  #gradient: Float64Array = new Float64Array(0)
  /** Where a stands: its time, z just before it, and the last step of the tape that begins before it. */
  #t = 0
  #anchor: Float64Array | undefined
  #last = -1

  constructor(field: VectorField, solver: StretchSolver) {
    this.#solver = solver
    this.#reader = new DenseReader(field)
  }

  get evaluations(): number {
    return this.#solver.evaluations + this.#reader.evaluations
  }

  start(tape: Tape, gradient: Float64Array): void {
    this.#tape = tape
    this.#path = new DensePath(tape, this.#reader)
    this.#gradient = gradient
    this.#anchor = undefined
    this.#last = tape.length - 1
    if (tape.length === 0) return
    const { t, h } = tape.step(this.#last)
    this.#t = t + h
  }

  pullTo(place: Place | undefined, a: Float64Array): Outcome {
    if (this.#last < 0) return REACHED
    const to = place?.t ?? this.#tape!.step(0).t
    // A place inside a step leaves the beginning of that step to the next stretch.
    const low = place === undefined ? 0 : place.theta === 1 ? place.steps : place.steps - 1
    const outcome = low <= this.#last && to !== this.#t ? this.#pull(to, low, a) : REACHED
    this.#t = to
    this.#anchor = place?.before
    this.#last = place === undefined ? -1 : place.steps - 1
    return outcome
  }

  #pull(to: number, low: number, a: Float64Array): Outcome {
    const path = this.#path!
    path.confine(low, this.#last)
    return this.#solver.pull({ from: this.#t, to, path, anchor: this.#anchor }, a, this.#gradient)
  }

  settle(): void {
    // Nothing is left out.
  }

  injected(): void {
    // The sweep has added the jump to a; there is nothing else to do.
  }
}
