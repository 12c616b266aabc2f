import { JumpRecord } from '../adjoint/jump-record.js'
import { type ObservedPath, Sweep, type SweepOptions } from '../adjoint/sweep.js'
import { none } from '../adjoint/update/none.js'
import { ContraflowError } from '../errors.js'
import type { VectorField } from '../field/vector-field.js'
import { firstTableau } from '../ode/method.js'
import { describeOutcome, REACHED } from '../ode/outcome.js'
import { backwardInTime } from './backward-in-time.js'

/** Gradients of a loss of the states of a solution. */
export interface SolutionGradient {
  /** By z(t_0) [d]. */
  readonly start: Float64Array
  /** By every t_i, t_0 among them, where it was asked for. */
  readonly times: number[] | undefined
  /** By θ [p]. */
  readonly parameters: Float64Array
}

/** z(t) at given times, and the way back from gradients by it. */
export class Solution {
  /** Row i is z(t_i) [times × d]; row 0 the start. */
  readonly states: Float64Array
  readonly #path: ObservedPath
  readonly #sweep: Sweep
  readonly #sign: number

  /**
   * Solves from the first time to the last.
   * @param times All ascending or all descending.
   * @throws ContraflowError TIME_NOT_MONOTONE, SOLVE_FAILED.
   */
  constructor(
    field: VectorField,
    options: Omit<SweepOptions, 'events'>,
    start: Float64Array,
    times: readonly number[],
  ) {
    this.#sign = direction(times)
    this.#path = {
      startTime: this.#sign * times[0]!,
      startState: start,
      length: times.length,
      time: index => this.#sign * times[index]!,
      observed: () => NOTHING,
    }
    // The dense output of a method of order 4 or more is as good as its steps, and takes fewer of them.
    const meet = options.meet ?? (firstTableau(options.method).dense.order >= 4 ? 'interpolate' : 'land')
    this.#sweep = new Sweep(this.#sign > 0 ? field : backwardInTime(field), none(), { ...options, meet })
    const outcome = this.#sweep.forward(this.#path)
    if (outcome !== REACHED) throw new ContraflowError('SOLVE_FAILED', { received: describeOutcome(outcome) })
    this.states = new Float64Array(times.length * start.length)
    for (let i = 0; i < times.length; i++) this.states.set(this.#sweep.before(i), i * start.length)
  }

  /** @param dy ∂L/∂z(t_i), laid out like `states`. @param byTime Are gradients by the times wanted? */
  pullBack(dy: ArrayLike<number>, byTime: boolean): SolutionGradient {
    const { field } = this.#sweep
    const parameters = new Float64Array(field.parameters.length)
    const record = byTime ? new JumpRecord(this.#sweep, this.#path) : undefined
    const gradient = { field: parameters, update: new Float64Array(0) }
    const inject = (index: number, _z: Float64Array, a: Float64Array) => {
      for (let i = 0; i < a.length; i++) a[i]! += dy[index * a.length + i]!
    }
    const start = this.#sweep.backward(inject, gradient, record).slice()
    if (start.some(Number.isNaN))
      throw new ContraflowError('SOLVE_FAILED', {
        received: 'an adjoint that is not finite or could not be solved backward',
      })
    if (record === undefined) return { start, times: undefined, parameters }
    const times = record.times.map(value => this.#sign * value)
    times[0]! -= this.#sign * record.arrive(this.#path.startTime, this.#path.startState, start)
    return { start, times, parameters }
  }
}

const NOTHING = new Float64Array(0)

/** 1 forward in time, −1 backward. */
function direction(times: readonly number[]): number {
  const sign = times.at(-1)! < times[0]! ? -1 : 1
  const wrong = times.findIndex((t, i) => !Number.isFinite(t) || (i > 0 && sign * (t - times[i - 1]!) < 0))
  if (times.length === 0 || wrong >= 0)
    throw new ContraflowError('TIME_NOT_MONOTONE', {
      received: times.length === 0 ? 'no times' : `t=${times[wrong]} after t=${times[wrong - 1]}`,
      expected: 'one or more times, all ascending or all descending',
    })
  return sign
}
