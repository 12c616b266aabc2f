import { defer, filter, map, type OperatorFunction } from 'rxjs'
import { type AdjointSolution, sweepAdjoint } from '../adjoint/solve-adjoint.js'
import { Sweep, type SweepOptions } from '../adjoint/sweep.js'
import { none } from '../adjoint/update/none.js'
import type { UpdateMap } from '../adjoint/update/update-map.js'
import { ContraflowError } from '../errors.js'
import type { VectorField } from '../field/vector-field.js'
import { type Loss, squared } from '../learn/rules/losses.js'
import { pathLoss } from '../learn/rules/path-loss.js'
import { Window } from '../learn/window/window.js'
import { isMeasured, type Observation } from '../observation.js'
import { requireCount } from '../require-option.js'

/** Field, window and loss of windowed backward passes. */
export interface AdjointWindowOptions {
  /** f(t, z; θ): its first dimensions are the channels. θ may be changed between emissions. */
  readonly field: VectorField
  /** Observations in the window. */
  readonly length: number
  /** One gradient every so many observations. Default 1. */
  readonly stride?: number
  /** Of each measured channel's residual. Default squared. */
  readonly loss?: Loss
  /** What an observation does to the state. Default none. */
  readonly update?: UpdateMap
  /** Method, tolerances, adjoint, and how observations are met. */
  readonly solver: SweepOptions
  /** State at the first observation [d]. Default: its values where measured, else 0. */
  readonly startState?: Float64Array
}

/** One windowed backward pass. Times are seconds since the window's start; `t` is the event time of its last observation. */
export interface WindowGradient extends AdjointSolution {
  /** Event time of the last observation, seconds. */
  readonly t: number
}

/**
 * Observation → loss, gradient and jumps of one backward pass over the window that ends with it, for people who bring their
 * own training: change `field.parameters` and `update.parameters` in place between emissions.
 * L = Σ l / (observed values in the window). When the window is full its start slides, carrying the state.
 *
 *     observations (stride 2)   --1--2--3--4--|
 *     gradients                 -----g-----g--|
 */
export function adjointWindow(options: AdjointWindowOptions): OperatorFunction<Observation, WindowGradient> {
  requireCount('length', options.length)
  requireCount('stride', options.stride ?? 1)
  return source =>
    defer(() => {
      const passes = new WindowPasses(options)
      return source.pipe(
        map(observation => passes.observe(observation)),
        filter(gradient => gradient !== undefined),
      )
    })
}

/** The state of one subscription. */
class WindowPasses {
  readonly #options: AdjointWindowOptions
  readonly #sweep: Sweep
  #window: Window | undefined
  #channels = 0
  #lastTime = 0
  #waiting = 0

  constructor(options: AdjointWindowOptions) {
    const { field, update = none(), solver } = options
    this.#options = options
    this.#sweep = new Sweep(field, update, solver)
  }

  observe(observation: Observation): WindowGradient | undefined {
    const { t, y } = observation
    const gap = this.#window === undefined ? 0 : t - this.#lastTime
    const window = (this.#window ??= this.#begin(y))
    const { stride = 1, loss = squared, field } = this.#options
    if (y.length !== this.#channels) throw mismatch(y, `${this.#channels} as before`)
    window.append(gap).set(y)
    this.#lastTime = t
    const due = ++this.#waiting >= stride
    if (due) this.#waiting = 0
    const gradient = due ? { t, ...this.#gradient(window, loss) } : undefined
    if (window.full) {
      if (!due) this.#sweep.forward(window)
      const state = this.#sweep.length > 0 ? this.#sweep.after(0) : window.startState
      window.slide(state, field.timeDependent ?? true)
    }
    return gradient
  }

  #gradient(window: Window, loss: Loss): AdjointSolution {
    const { length } = window
    const path = pathLoss({ loss, length, observed: index => window.observed(index) })
    return sweepAdjoint(this.#sweep, window, path, this.#options.solver.events)
  }

  #begin(y: Float64Array): Window {
    const { length, field, startState } = this.#options
    if (y.length > field.dimension) throw mismatch(y, `at most ${field.dimension}, the dimension of the field`)
    this.#channels = y.length
    const window = new Window(length + 1, field.dimension, y.length)
    window.startState.set(startState ?? y.map(value => (isMeasured(value) ? value : 0)))
    return window
  }
}

function mismatch(y: Float64Array, expected: string): ContraflowError {
  return new ContraflowError('DIMENSION_MISMATCH', { received: `${y.length} values`, expected })
}
