import { ContraflowError } from '../errors.js'
import type { VectorField } from '../field/vector-field.js'
import type { Outcome } from '../ode/outcome.js'
import { requireLength, requireOption } from '../require-option.js'
import type { EventDefinition } from './events.js'
import { type Jump, JumpRecord } from './jump-record.js'
import { type ObservedPath, Sweep, type SweepOptions } from './sweep.js'
import { none } from './update/none.js'
import type { UpdateMap } from './update/update-map.js'

/** A loss of the states at many times. */
export interface PathLoss {
  /** Its part at observation `index`, for the state before the jump. */
  value(index: number, z: Float64Array): number
  /** Adds ∂(that part)/∂z to a [d]. */
  inject(index: number, z: Float64Array, a: Float64Array): void
  /** Adds ∂(that part)/∂y_i to ay [channels]; left out, `gradient.observed` has only what goes through the update map. */
  injectObserved?(index: number, z: Float64Array, ay: Float64Array): void
}

/** A field, a path of observations, a loss of the states on it, and how to solve. */
export interface AdjointProblem {
  /** f(t, z; θ), of dimension d with p parameters. */
  readonly field: VectorField
  /** Default: observations do not change the state. */
  readonly update?: UpdateMap
  /** Start state, times and values; times that do not decrease, TIME_NOT_MONOTONE otherwise. */
  readonly path: ObservedPath
  /** L of the states at the observations, before their jumps. */
  readonly loss: PathLoss
  /** Method, tolerances, adjoint, and how observations are met. */
  readonly solver: SweepOptions
}

/** Loss, states and gradients of an adjoint problem, and every jump of the adjoint on the way. */
export interface AdjointSolution {
  /** How the way forward ended; everything else covers the observations it reached. */
  readonly outcome: Outcome
  /** L, summed over the observations reached. */
  readonly loss: number
  /** z(t_i⁻) of every observation. */
  readonly states: number[][]
  /** By everything that L depends on. Accuracy: that of the adjoint chosen, see src/adjoint/adjoints.md; NaN where a continuous one failed. */
  readonly gradient: {
    /** a(t_s) = ∂L/∂z_s [d]. */
    readonly start: number[]
    /** ∂L/∂t_s with z_s held: −a(t_s)·f(z_s, t_s). */
    readonly startTime: number
    /** ∂L/∂t_i = a⁻·f(z⁻) − a⁺·f(z⁺). */
    readonly times: number[]
    /** ∂L/∂θ of the field [p]. */
    readonly field: Float64Array
    /** ∂L/∂φ of the update map. */
    readonly update: Float64Array
    /** ∂L/∂y_i, an array [channels] an observation. */
    readonly observed: Float64Array[]
    /** ∂L/∂ of the parameters of each event's reset. */
    readonly events: Float64Array[]
  }
  /** In the order of backward travel; simultaneous observations are one jump. */
  readonly jumps: Jump[]
  /** Events on the way, by their index in `solver.events`. */
  readonly events: readonly { readonly t: number; readonly event: number }[]
  /**
   * Largest change of a·f between two neighbouring jumps, relative to the largest |a·f|. For a field that does not depend on
   * time a·f is constant there, so this is the error of the whole pass as far as it shows. Null for one that does, and
   * where observations were stepped over.
   */
  readonly drift: number | null
  /** Evaluations of f forward; vjps, and of continuous adjoints evaluations of f, backward. a·f at the jumps is not counted. */
  readonly evaluations: { readonly forward: number; readonly backward: number }
}

/**
 * Solves forward over all observations, then pulls the adjoint back. It starts at zero: its only source is the losses, and
 * each observation adds its own on the way. Exact for the numbers that were computed (discrete adjoint). Cost: one sweep forward and
 * one back.
 * @returns On another outcome than reached: what the observations reached before it give.
 * @throws ContraflowError DIMENSION_MISMATCH where the start state is not of the field's dimension or an observation has more channels,
 * OPTION_INVALID for infinite values, TIME_NOT_MONOTONE for times that go back, and what `Sweep` refuses.
 */
export function solveAdjoint({ field, update = none(), path, loss, solver }: AdjointProblem): AdjointSolution {
  const sweep = new Sweep(field, update, solver)
  const solution = sweepAdjoint(sweep, path, loss, solver.events)
  sweep.release()
  return solution
}

/** The same with a sweep that is used again and again. */
export function sweepAdjoint(
  sweep: Sweep,
  path: ObservedPath,
  loss: PathLoss,
  events: readonly EventDefinition[] = [],
): AdjointSolution {
  const { field, update } = sweep
  checkPath(path, field.dimension)
  const before = sweep.evaluations
  const outcome = sweep.forward(path)
  const states = Array.from({ length: sweep.length }, (_, i) => Array.from(sweep.before(i)))
  const gradient = {
    field: new Float64Array(field.parameters.length),
    update: new Float64Array(update.parameters.length),
    observed: states.map((_, i) => new Float64Array(path.observed(i).length)),
    events: events.map(({ reset }) => new Float64Array(reset?.parameters.length ?? 0)),
  }
  const record = new JumpRecord(sweep, path)
  const start = Float64Array.from(sweep.backward((index, z, a) => loss.inject(index, z, a), gradient, record))
  states.forEach((_, i) => {
    loss.injectObserved?.(i, sweep.before(i), gradient.observed[i]!)
  })
  const startTime = -record.arrive(path.startTime, path.startState, start)
  const after = sweep.evaluations
  return {
    outcome,
    loss: states.reduce((sum, _, i) => sum + loss.value(i, sweep.before(i)), 0),
    states,
    gradient: { start: Array.from(start), startTime, times: record.times, ...gradient },
    jumps: record.jumps,
    events: sweep.happened.map(({ t, event }) => ({ t, event })),
    drift: record.drift,
    evaluations: { forward: after.forward - before.forward, backward: after.backward - before.backward },
  }
}

/** What would go unnoticed otherwise, and make nonsense of the result. */
function checkPath(path: ObservedPath, dimension: number): void {
  const { startState, startTime, length } = path
  requireLength('a start state', startState.length, dimension)
  requireOption('startTime', startTime, Number.isFinite(startTime), 'a finite time')
  for (let i = 0; i < length; i++) {
    const y = path.observed(i)
    if (y.length > dimension)
      throw new ContraflowError('DIMENSION_MISMATCH', {
        received: `${y.length} channels of observation ${i}`,
        expected: `at most ${dimension}, the dimension of the field`,
      })
    for (const value of y)
      requireOption(`observation ${i}`, value, Math.abs(value) !== Infinity, 'finite values, NaN where one is missing')
  }
}
