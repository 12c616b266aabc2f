import type { VectorField } from '../field/vector-field.js'
import type { IntegratorOptions } from '../ode/integrator.js'
import type { Outcome } from '../ode/outcome.js'
import { type JumpVisitor, type ObservedPath, Sweep } from './sweep.js'
import { none } from './update/none.js'
import type { UpdateMap } from './update/update-map.js'

/** A loss of the states at many times. */
export interface PathLoss {
  /** Its part at observation `index`, for the state before the jump. */
  value(index: number, z: Float64Array): number
  /** Adds ∂(that part)/∂z to a [d]. */
  inject(index: number, z: Float64Array, a: Float64Array): void
}

export interface AdjointProblem {
  readonly field: VectorField
  /** Default: observations do not change the state. */
  readonly update?: UpdateMap
  readonly path: ObservedPath
  readonly loss: PathLoss
  readonly solver: IntegratorOptions
}

/** The adjoint at one observation time: after = before + jump when the state does not jump. */
export interface Jump {
  readonly t: number
  /** a(t⁺): what the later observations have injected, pulled back to here. */
  readonly before: number[]
  readonly jump: number[]
  /** a(t⁻). */
  readonly after: number[]
}

export interface AdjointSolution {
  readonly outcome: Outcome
  readonly loss: number
  /** z(t_i⁻) of every observation. */
  readonly states: number[][]
  readonly gradient: {
    /** a(t_s) = ∂L/∂z_s [d]. */
    readonly start: number[]
    /** ∂L/∂t_s with z_s held: −a(t_s)·f(z_s, t_s). */
    readonly startTime: number
    /** ∂L/∂t_i = a⁻·f(z⁻) − a⁺·f(z⁺). */
    readonly times: number[]
    /** ∂L/∂θ of the field [p], ∂L/∂φ of the update map. */
    readonly field: Float64Array
    readonly update: Float64Array
  }
  /** In the order of backward travel; simultaneous observations are one jump. */
  readonly jumps: Jump[]
  readonly evaluations: { readonly forward: number; readonly backward: number }
}

/**
 * Solves forward over all observations, then pulls the adjoint back. It starts at zero: its only source is the losses, and
 * each observation adds its own on the way. Exact for the numbers that were computed (discrete adjoint).
 * @returns On another outcome than reached: what the observations reached before it give.
 */
export function solveAdjoint({ field, update = none(), path, loss, solver }: AdjointProblem): AdjointSolution {
  return sweepAdjoint(new Sweep(field, update, solver), path, loss)
}

/** The same with a sweep that is used again and again. */
export function sweepAdjoint(sweep: Sweep, path: ObservedPath, loss: PathLoss): AdjointSolution {
  const { field, update } = sweep
  const before = { forward: sweep.integrator.evaluations, backward: sweep.vjps }
  const outcome = sweep.forward(path)
  const reached = sweep.length
  const states = Array.from({ length: reached }, (_, i) => Array.from(sweep.before(i)))
  const forward = sweep.integrator.evaluations - before.forward
  const gradient = {
    field: new Float64Array(field.parameters.length),
    update: new Float64Array(update.parameters.length),
  }
  const record = new JumpRecord(sweep, path)
  const inject: PathLoss['inject'] = (index, z, a) => loss.inject(index, z, a)
  const start = Float64Array.from(sweep.backward(inject, gradient, record))
  return {
    outcome,
    loss: states.reduce((sum, _, i) => sum + loss.value(i, sweep.before(i)), 0),
    states,
    gradient: {
      start: Array.from(start),
      startTime: -record.alongField(path.startTime, path.startState, start),
      times: record.times,
      ...gradient,
    },
    jumps: record.jumps,
    evaluations: { forward, backward: sweep.vjps - before.backward },
  }
}

/** Writes down the jumps of a backward sweep and what they mean for the times. */
class JumpRecord implements JumpVisitor {
  readonly jumps: Jump[] = []
  readonly times: number[]
  readonly #sweep: Sweep
  readonly #path: ObservedPath
  readonly #slope: Float64Array
  #afterwards = 0

  constructor(sweep: Sweep, path: ObservedPath) {
    this.#sweep = sweep
    this.#path = path
    this.#slope = new Float64Array(sweep.field.dimension)
    this.times = new Array<number>(sweep.length).fill(0)
  }

  before(index: number, a: Float64Array): void {
    const t = this.#path.time(index)
    this.#afterwards = this.alongField(t, this.#sweep.after(index), a)
    if (this.jumps.at(-1)?.t === t) return
    this.jumps.push({ t, before: Array.from(a), jump: [], after: [] })
  }

  after(index: number, a: Float64Array): void {
    this.times[index] = this.alongField(this.#path.time(index), this.#sweep.before(index), a) - this.#afterwards
    const { t, before } = this.jumps.pop()!
    const after = Array.from(a)
    this.jumps.push({ t, before, jump: after.map((value, i) => value - before[i]!), after })
  }

  /** a·f(t, z). */
  alongField(t: number, z: Float64Array, a: Float64Array): number {
    this.#sweep.field.evaluate(t, z, this.#slope)
    return this.#slope.reduce((sum, value, i) => sum + value * a[i]!, 0)
  }
}
