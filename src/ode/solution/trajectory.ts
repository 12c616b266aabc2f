import type { VectorField } from '../../field/vector-field.js'
import { requireLength, requireOption } from '../../require-option.js'
import { Integrator } from '../integrator.js'
import type { IntegratorOptions } from '../integrator-options.js'
import type { Outcome } from '../outcome.js'
import { DensePath } from './dense-path.js'
import { DenseReader } from './dense-reader.js'
import { Tape } from './tape.js'

/** Where a solution starts and ends, and how it is computed. */
export interface SolveOptions extends IntegratorOptions {
  /** Where z is `start`. */
  readonly from: number
  /** Later or earlier than `from`. */
  readonly to: number
  /** z(from) [d]; not changed. */
  readonly start: Float64Array
}

/** A solution z(t), readable at every time between its ends. */
export class Trajectory {
  /** How it ended; on another outcome than reached it is readable as far as it got. */
  readonly outcome: Outcome
  /** Evaluations of f that it took. */
  readonly evaluations: number
  /** Times at the ends of the steps, `from` first. */
  readonly times: readonly number[]
  /** The state at the end [d]. */
  readonly end: Float64Array
  readonly #start: Float64Array
  readonly #path: DensePath

  /** @see solve */
  constructor(field: VectorField, { from, to, start, ...options }: SolveOptions) {
    requireLength('a start state', start.length, field.dimension)
    requireOption('from', from, Number.isFinite(from), 'a finite time')
    requireOption('to', to, Number.isFinite(to), 'a finite time')
    const integrator = new Integrator(field, options)
    // Without what evaluations leave for a vjp, and in memory that the garbage collector knows of: this may live long, and be many.
    const tape = new Tape(integrator.method, field.dimension)
    field.prepare?.()
    this.#start = start.slice()
    this.end = start.slice()
    this.outcome = integrator.propagate(from, to, this.end, tape)
    this.evaluations = integrator.evaluations
    this.#path = new DensePath(tape, new DenseReader(field))
    this.#path.confine(0, tape.length - 1)
    const ends = Array.from({ length: tape.length }, (_, n) => tape.step(n).t + tape.step(n).h)
    this.times = [from, ...ends]
  }

  /**
   * z(t) [d], from the dense output of the step around t; beyond the ends, the state there.
   * Accurate to the order of the dense output of the method: see `src/ode/methods.md`.
   */
  at(t: number, out: Float64Array = new Float64Array(this.end.length)): Float64Array {
    if (this.times.length === 1) out.set(this.#start)
    else this.#path.state(t, out)
    return out
  }
}

/**
 * Solves z' = f(t, z; θ) from one time to another, forward or backward. Nothing is thrown for numerical reasons: look at
 * `outcome`. Cost: the evaluations of the method a step, those of its dense output once for each step that is read.
 * @throws ContraflowError DIMENSION_MISMATCH for a start of another dimension than the field's, OPTION_INVALID for times that are not finite
 * and for what `Integrator` refuses.
 * @example `solve(linear(1, Float64Array.of(-1)), { from: 0, to: 5, start: Float64Array.of(1), method: methods.tsit5 }).at(2.5)`
 */
export function solve(field: VectorField, options: SolveOptions): Trajectory {
  return new Trajectory(field, options)
}
