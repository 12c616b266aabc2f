import { Sweep } from '../adjoint/sweep.js'
import { isMeasured } from '../observation.js'
import type { IntegratorOptions } from '../ode/integrator.js'
import { firstTableau } from '../ode/method.js'
import { describeOutcome, REACHED } from '../ode/outcome.js'
import type { SharedTapes } from '../ode/shared-tapes.js'
import type { Saved } from '../saved.js'
import type { Section } from '../section.js'
import type { Storable } from '../storable.js'
import { Forecaster, type HorizonPrediction } from './forecaster.js'
import type { LearningRule, RuleReport } from './learning-rule.js'
import type { Model } from './model.js'
import { Window } from './window.js'

export interface FilterOptions {
  readonly solver: IntegratorOptions
  /** Observations in the window. */
  readonly window: number
  /** Every n-th observation updates the parameters. */
  readonly stride: number
  /** Shared with other filters of the thread. */
  readonly tapes?: SharedTapes
}

/**
 * The model at work, in the learner's units: sweeps forward over the window to the new observation, predicts, sweeps backward,
 * learns, appends, slides. Allocates nothing but its reports.
 */
export class Filter implements Storable {
  readonly model: Model
  readonly rule: LearningRule
  /** h(z⁻) of the observation taken last [channels]. */
  readonly predicted: Float64Array
  /** Updates made, and observations since the last one. */
  readonly counters = Float64Array.of(0, 0)
  readonly #sweep: Sweep
  readonly #window: Window
  readonly #forecaster: Forecaster
  readonly #stride: number
  /** Last known value of each channel. */
  readonly #known: Float64Array
  #started = false

  constructor(model: Model, rule: LearningRule, options: FilterOptions) {
    this.model = model
    this.rule = rule
    this.predicted = new Float64Array(model.channels)
    const { solver, tapes } = options
    const meet = meeting(model, solver)
    this.#sweep = new Sweep(model.field, model.update, { ...solver, meet, ...(tapes && { tapes }) })
    this.#forecaster = new Forecaster(model, rule, options.solver)
    this.#window = new Window(options.window + 1, model.dimension, model.channels)
    this.#stride = options.stride
    this.#known = new Float64Array(model.channels)
  }

  /** Evaluations of f and vjps so far. */
  get evaluations(): { readonly forward: number; readonly backward: number } {
    return this.#sweep.evaluations
  }

  /**
   * Takes the observation that came `gap` after the last one.
   * @returns What was learned; `predicted` and `rule.variance` then hold the prediction made before y was used. The first
   * observation only sets the state. After a failed sweep the prediction is the last known value and the state starts anew.
   */
  observe(gap: number, y: Float64Array): RuleReport {
    const first = !this.#started
    this.#started = true
    this.#window.append(first ? 0 : gap).set(y)
    const report = first ? this.#restart(y) : this.#advance(y)
    for (let j = 0; j < y.length; j++) if (isMeasured(y[j]!)) this.#known[j] = y[j]!
    return report
  }

  /** Predictions at these gaps after the last observation, ascending; nothing changes. */
  forecast(gaps: readonly number[]): HorizonPrediction[] {
    return this.#forecaster.forecast(this.#window, gaps)
  }

  save(): Saved {
    return { started: this.#started, arrays: this.#arrays(), rule: this.rule.state, window: this.#window.save() }
  }

  restore(saved: Section): void {
    this.#started = saved.at('started').flag
    saved.at('arrays').into(this.#arrays())
    saved.at('rule').into(this.rule.state)
    this.#window.restore(saved.at('window'))
  }

  #arrays() {
    const { counters, predicted } = this
    const { parameters } = this.model
    const { variance } = this.rule // of the last assessment; with a stride it is not made anew for every observation
    return { parameters, counters, predicted, variance, known: this.#known, integrator: this.#sweep.integrator.state }
  }

  #advance(y: Float64Array): RuleReport {
    const last = this.#window.length - 1
    const outcome = this.#sweep.forward(this.#window)
    if (outcome !== REACHED) return this.#restart(y, describeOutcome(outcome))
    const z = this.#sweep.before(last)
    if (!z.every(isSane)) return this.#restart(y, 'The state left the range in which the model can be trusted.')
    for (let j = 0; j < this.predicted.length; j++) this.predicted[j] = z[j]!
    const report = this.#learn(last)
    if (this.#window.full) this.#slide()
    return report
  }

  #learn(last: number): RuleReport {
    if (++this.counters[1]! < this.#stride) return { gradientNorm: 0 }
    this.rule.assess(this.#sweep, last)
    if (!this.#sweep.observed(last).some(isMeasured)) return { gradientNorm: 0 }
    const report = this.rule.learn(this.#sweep, last)
    if (report.rejected === undefined) {
      this.counters[0]!++
      this.counters[1] = 0
    }
    return report
  }

  /** The new start is the state just after the first observation. What no channel shows is kept within bounds. */
  #slide(): void {
    const { channels, dimension, field } = this.model
    this.#window.slide(this.#sweep.after(0), field.timeDependent ?? true)
    const { startState } = this.#window
    for (let i = channels; i < dimension; i++)
      startState[i] = Math.max(-LATENT_LIMIT, Math.min(LATENT_LIMIT, startState[i]!))
  }

  /** Begins a window at the new observation: measured channels take the value, the others the last one known. */
  #restart(y: Float64Array, rejected?: string): RuleReport {
    const time = this.#window.length > 0 ? this.#window.time(this.#window.length - 1) : 0
    this.#window.restart((this.model.field.timeDependent ?? true) ? time : 0)
    this.#window.startState.fill(0)
    for (let j = 0; j < y.length; j++) {
      this.predicted[j] = this.#known[j]!
      this.#window.startState[j] = isMeasured(y[j]!) ? y[j]! : this.#known[j]!
    }
    return rejected === undefined ? { gradientNorm: 0 } : { gradientNorm: 0, rejected }
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

function isSane(value: number): boolean {
  return Math.abs(value) < 1e6
}
