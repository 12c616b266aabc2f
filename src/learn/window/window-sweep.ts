import { Sweep } from '../../adjoint/sweep.js'
import { isMeasured, takeMeasured } from '../../observation.js'
import type { IntegratorOptions } from '../../ode/integrator-options.js'
import { firstTableau } from '../../ode/method.js'
import { describeOutcome, REACHED } from '../../ode/outcome.js'
import type { SharedTapes } from '../../ode/solution/shared-tapes.js'
import type { Model } from '../model/model.js'
import { unlessOwnPartFails } from '../model/own-part.js'
import { type Label, Labels } from './labels.js'
import { Window } from './window.js'

export interface WindowSweepOptions {
  readonly solver: IntegratorOptions
  /** Observations in the window. */
  readonly window: number
  /** Shared with other sweeps of the thread. */
  readonly tapes?: SharedTapes
}

/** Gaps around a place in the window, in typical gaps: to the observation before it, to the one after, and between the two. */
export interface GapsAround {
  readonly before: number
  readonly after: number
  readonly across: number
}

/**
 * The model's path through the observations of the window, in the learner's units: what they are, the state they start from, and
 * what is predicted of each. Allocates nothing while it follows a stream in order.
 */
export class WindowSweep {
  /** One observation more than asked for, while the new one is taken in. */
  readonly window: Window
  /** Of the observations in the window. */
  readonly labels = new Labels()
  /** As far as `reach` got; backward it goes from there. */
  readonly sweep: Sweep
  /** h(z⁻) of the observation that was asked for last [channels]. */
  readonly predicted: Float64Array
  /** Last value of each channel that was believed [channels]; 0 before there was one. */
  readonly known: Float64Array
  readonly #model: Model

  constructor(model: Model, { solver, window, tapes }: WindowSweepOptions) {
    this.#model = model
    this.window = new Window(window + 1, model.dimension, model.channels)
    this.sweep = new Sweep(model.field, model.update, {
      ...solver,
      meet: meeting(model, solver),
      ...(tapes && { tapes }),
    })
    this.predicted = new Float64Array(model.channels)
    this.known = new Float64Array(model.channels)
  }

  /** Of the last observation. */
  get last(): number {
    return this.window.length - 1
  }

  /** Takes in the newest observation, `gap` after the last one. */
  append(gap: number, y: Float64Array, label: Label): void {
    this.window.append(gap).set(y)
    this.labels.insert(this.labels.length, label)
  }

  /** Takes in an observation before the one at `index`. */
  insert(index: number, { before, after }: GapsAround, y: Float64Array, label: Label): void {
    this.window.insert(index, before, after).set(y)
    this.labels.insert(index, label)
  }

  /** Takes an observation out. */
  remove(index: number, { across }: GapsAround): void {
    this.window.remove(index, across)
    this.labels.remove(index)
  }

  /** Sweeps over the window and reads the prediction of observation `index`. @returns Why that is not possible. */
  reach(index: number): string | undefined {
    return unlessOwnPartFails(
      () => this.#predict(index),
      sentence => sentence,
    )
  }

  #predict(index: number): string | undefined {
    const outcome = this.sweep.forward(this.window)
    if (outcome !== REACHED) return describeOutcome(outcome)
    if (!isSane(this.sweep.before(this.last))) return 'The state left the range in which the model can be trusted.'
    this.predicted.set(this.sweep.before(index).subarray(0, this.predicted.length))
    return undefined
  }

  /** Lets the first observation go once there is one too many: the new start is the state just after it. */
  slide(): void {
    if (!this.window.full) return
    this.window.slide(this.sweep.after(0), this.#isTimed)
    this.labels.slide()
    this.#boundLatent()
  }

  /** Begins a window at the last observation, at the state which the sweep came to; what is measured there is taken over. */
  beginHere(): void {
    const { startState } = this.window
    startState.set(this.sweep.before(this.last))
    takeMeasured(this.window.observed(this.last), startState)
    this.#empty()
    this.#boundLatent()
  }

  /** Begins a window at the last observation, with these values of it where they are measured, with the last known ones elsewhere. */
  beginWith(y: Float64Array): void {
    this.#empty()
    const { startState } = this.window
    startState.fill(0)
    this.predicted.set(this.known)
    startState.set(this.known)
    takeMeasured(y, startState)
  }

  /** State of the start in the learner's units: what is known of a channel that the window does not show. */
  startOf(channel: number): number {
    return this.window.startState[channel]!
  }

  /** Reads the last known values from the window; those of channels that it does not show stay. */
  refreshKnown(): void {
    for (let i = 0; i < this.window.length; i++) takeMeasured(this.window.observed(i), this.known)
  }

  /** Forgets what is known of the channels that observation `index` has measured, but for what the start says. */
  forgetKnown(index: number): void {
    const y = this.window.observed(index)
    for (let j = 0; j < y.length; j++) if (isMeasured(y[j]!)) this.known[j] = this.startOf(j)
  }

  /** Nothing is left in the window; its start is where its last observation was. */
  #empty(): void {
    const time = this.last < 0 ? 0 : this.window.time(this.last)
    this.window.restart(this.#isTimed ? time : 0)
    this.labels.restart()
  }

  /** What no channel shows is kept within bounds. */
  #boundLatent(): void {
    const { startState } = this.window
    for (let i = this.#model.channels; i < startState.length; i++)
      startState[i] = Math.max(-LATENT_LIMIT, Math.min(LATENT_LIMIT, startState[i]!))
  }

  get #isTimed(): boolean {
    return this.#model.field.timeDependent ?? true
  }
}

/**
 * Where the state does not jump, observations are read from the dense output: the same error for half to an eighth of the
 * evaluations (ARCHITECTURE.md). A cubic would be less accurate than the method.
 */
function meeting({ update }: Model, { method }: IntegratorOptions): 'land' | 'interpolate' {
  return update.passive && firstTableau(method).dense.order >= 4 ? 'interpolate' : 'land'
}

/** A latent dimension that no channel shows can drift off unseen; this many units are more than it ever needs. */
const LATENT_LIMIT = 5

function isSane(z: Float64Array): boolean {
  for (let i = 0; i < z.length; i++) if (!(Math.abs(z[i]!) < 1e6)) return false
  return true
}
