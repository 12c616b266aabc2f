import { takeMeasured } from '../../observation.js'
import type { Saved } from '../../saved.js'
import type { Section } from '../../section.js'
import type { Storable } from '../../storable.js'
import { Forecaster, type HorizonPrediction, type LookAhead } from '../forecast/forecaster.js'
import type { Model } from '../model/model.js'
import { unlessOwnPartFails } from '../model/own-part.js'
import type { LearningRule, RuleReport } from '../rules/learning-rule.js'
import { Doubt } from './doubt.js'
import type { Label, Labels } from './labels.js'
import { ParameterUpdates } from './parameter-updates.js'
import { Revisions } from './revisions.js'
import { type Movement, type Weighed, weigh } from './weigh.js'
import { WindowSweep, type WindowSweepOptions } from './window-sweep.js'

export interface FilterOptions extends WindowSweepOptions {
  /** Every n-th observation updates the parameters. */
  readonly stride: number
}

/** How an observation is taken in. */
export interface Assimilation {
  /**
   * Whether the parameters are updated. `no`: only the state takes the values in. `anew`: neither now, nor later across the gap before
   * it, which is shorter here than it was: a window begins at the state that the model has come to. Default yes.
   */
  readonly learns?: 'yes' | 'no' | 'anew'
  /** How far the channels usually move, in the learner's units. */
  readonly movement: Movement
}

/**
 * The model at work, in the learner's units: sweeps forward over the window to the new observation, predicts, sweeps backward,
 * learns, appends, slides. Allocates nothing but its reports.
 */
export class Filter implements Storable {
  readonly model: Model
  readonly rule: LearningRule
  /** h(z⁻) of the observation taken last [channels], and the predictive variance of each. */
  readonly predicted: Float64Array
  readonly variance: Float64Array
  /** Updates made, and observations since the last one. */
  readonly counters: Float64Array
  /** Of the observations in the window. */
  readonly labels: Labels
  /** Which values are not believed. */
  readonly doubt: Doubt
  /** Was a value of the observation taken last believed that is absurdly far from its prediction? The units may no longer fit. */
  leapt = false
  /** What comes late, and what is taken back. */
  readonly revisions: Revisions
  readonly #swept: WindowSweep
  readonly #updates: ParameterUpdates
  readonly #forecaster: Forecaster
  #started = false

  constructor(model: Model, rule: LearningRule, options: FilterOptions) {
    const { solver, tapes, stride } = options
    this.model = model
    this.rule = rule
    this.#swept = new WindowSweep(model, options)
    this.#updates = new ParameterUpdates(model, rule, this.#swept, stride)
    this.#forecaster = new Forecaster(model, rule, { ...solver, ...(tapes && { tapes }) })
    this.predicted = this.#swept.predicted
    this.variance = this.#updates.variance
    this.counters = this.#updates.counters
    this.labels = this.#swept.labels
    this.doubt = new Doubt(model.channels)
    this.revisions = new Revisions(this.#swept, this.#updates)
  }

  /** Evaluations of f and vjps so far. */
  get evaluations(): { readonly forward: number; readonly backward: number } {
    return this.#swept.sweep.evaluations
  }

  /**
   * Takes the observation that came `gap` typical gaps after the last one.
   * @param y Values in the learner's units [channels], NaN where nothing was measured; copied.
   * @returns What was learned; `predicted` and `variance` then hold the prediction made before y was used. The first
   * observation only sets the state. After a failed sweep the prediction is the last known value and the state starts anew.
   */
  observe(gap: number, y: Float64Array, label: Label, how: Assimilation): RuleReport {
    const first = !this.#started
    this.#started = true
    this.leapt = false
    this.#swept.append(first ? 0 : gap, y, label)
    const report = first ? this.#beginWith(y) : this.#advance(y, how)
    takeMeasured(y, this.#swept.known, this.doubt.state.doubted)
    return report
  }

  /** State at the start of the window, in the learner's units: what is known of a channel that the window does not show. */
  startOf(channel: number): number {
    return this.#swept.startOf(channel)
  }

  /** Predictions at these gaps after the last observation, ascending; nothing changes. */
  forecast(gaps: readonly number[], wanted?: LookAhead): HorizonPrediction[] {
    return unlessOwnPartFails(
      () => this.#forecaster.forecast(this.#swept.window, gaps, wanted),
      () => [],
    )
  }

  save(): Saved {
    const { window } = this.#swept
    return {
      started: this.#started,
      arrays: this.#arrays(),
      rule: this.rule.state,
      guard: this.#updates.guard.state,
      window: window.save(),
      labels: this.labels.save(),
      doubt: this.doubt.state,
    }
  }

  restore(saved: Section): void {
    this.#started = saved.at('started').flag
    // Earlier checkpoints have what is doubted among the arrays, and know nothing else of it.
    const doubted = saved.at('arrays').fields.get('doubted')
    if (doubted) saved.at('arrays').into({ ...this.#arrays(), doubted: this.doubt.state.doubted })
    else saved.at('arrays').into(this.#arrays())
    saved.at('rule').into(this.rule.state)
    saved.at('guard').into(this.#updates.guard.state)
    this.#swept.window.restore(saved.at('window'))
    this.labels.restore(saved.at('labels'))
    if (!doubted) saved.at('doubt').into(this.doubt.state)
  }

  #arrays() {
    const { counters, predicted, variance } = this
    const { parameters } = this.model
    const { known, sweep } = this.#swept
    // The variance is that of the last assessment: with a stride it is not made anew for every observation.
    return { parameters, counters, predicted, variance, known, integrator: sweep.integrator.state }
  }

  #advance(y: Float64Array, { learns = 'yes', movement }: Assimilation): RuleReport {
    const swept = this.#swept
    const failure = swept.reach(swept.last)
    if (failure !== undefined) return this.#beginWith(y, failure)
    if (learns === 'anew') return this.#beginHere(y, movement)
    const due = learns === 'yes' && this.#updates.isDue()
    const unassessed = due ? this.#updates.assess(swept.last) : undefined
    const { doubted, revised } = this.#weigh(y, movement)
    const learn = (rejected?: string) => this.#learn(learns === 'no' ? OVERLOAD : rejected, due)
    const report = revised ? this.#lookAgain(y, due, learn) : learn(unassessed)
    swept.slide()
    return doubted > 0 ? { ...report, clipped: (report.clipped ?? 0) + doubted } : report
  }

  /** @param rejected Why nothing can be learned. @param due Is it the observation's turn? */
  #learn(rejected: string | undefined, due: boolean): RuleReport {
    if (rejected !== undefined) return { gradientNorm: 0, rejected }
    return due ? this.#updates.learn(this.#swept.last) : { gradientNorm: 0 }
  }

  /** Decides which of the last observation's values are taken in, and whether those before were rightly judged. */
  #weigh(y: Float64Array, movement: Movement): Weighed {
    const { predicted, variance, doubt } = this
    const { window, labels, last, known } = this.#swept
    const weighed = weigh(doubt, y, { window, labels, last, predicted, variance, known, movement })
    this.leapt = weighed.leapt
    return weighed
  }

  /** Learns from the last observation with the window as it is now; the prediction stays the one that was made. */
  #lookAgain(y: Float64Array, due: boolean, learn: (rejected?: string) => RuleReport): RuleReport {
    const [predicted, variance] = [this.predicted.slice(), this.variance.slice()]
    const { last } = this.#swept
    const failure = this.#swept.reach(last)
    if (failure !== undefined) return this.#beginWith(y, failure)
    const report = learn(due ? this.#updates.assess(last) : undefined)
    this.predicted.set(predicted)
    this.variance.set(variance)
    return report
  }

  /** Begins a window at the new observation, where the sweep has got: what is measured is taken, unless it is doubted. */
  #beginHere(y: Float64Array, movement: Movement): RuleReport {
    this.#updates.assess(this.#swept.last)
    const { doubted } = this.#weigh(y, movement)
    this.#swept.beginHere()
    return { gradientNorm: 0, rejected: ACROSS, ...(doubted > 0 && { clipped: doubted }) }
  }

  /** Begins a window at the new observation: measured channels take the value, the others the last one known. */
  #beginWith(y: Float64Array, failure?: string): RuleReport {
    const report = failure === undefined ? { gradientNorm: 0 } : this.#updates.guard.failed(failure)
    this.#swept.beginWith(y)
    this.doubt.settle()
    return report
  }
}

const OVERLOAD = 'Not learned, only taken in: more comes than can be learned.'
const ACROSS = 'Not learned, only taken in: the gap before it is longer than maxGap.'
