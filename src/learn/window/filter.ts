import { Sweep } from '../../adjoint/sweep.js'
import { isMeasured, takeMeasured } from '../../observation.js'
import type { IntegratorOptions } from '../../ode/integrator-options.js'
import { firstTableau } from '../../ode/method.js'
import { describeOutcome, REACHED } from '../../ode/outcome.js'
import type { SharedTapes } from '../../ode/shared-tapes.js'
import type { Saved } from '../../saved.js'
import type { Section } from '../../section.js'
import type { Storable } from '../../storable.js'
import { Forecaster, type HorizonPrediction, type LookAhead } from '../forecast/forecaster.js'
import type { Model } from '../model/model.js'
import { unlessOwnPartFails } from '../model/own-part.js'
import { Guard } from '../rules/guard.js'
import type { LearningRule, RuleReport } from '../rules/learning-rule.js'
import { Doubt } from './doubt.js'
import { type Label, Labels } from './labels.js'
import { type Weighed, weigh } from './weigh.js'
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

/** Gaps around a place in the window, in typical gaps: to the observation before it, to the one after, and between the two. */
export interface GapsAround {
  readonly before: number
  readonly after: number
  readonly across: number
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
  /** Which values are not believed. */
  readonly doubt: Doubt
  /** Was a value believed last that is absurdly far from its prediction? The units may no longer fit. */
  leapt = false
  /** Of the observations in the window. */
  readonly labels = new Labels()
  readonly #sweep: Sweep
  readonly #window: Window
  readonly #forecaster: Forecaster
  readonly #guard: Guard
  readonly #stride: number
  /** Last known value of each channel. */
  readonly #known: Float64Array
  #started = false

  constructor(model: Model, rule: LearningRule, options: FilterOptions) {
    this.model = model
    this.rule = rule
    this.predicted = new Float64Array(model.channels)
    this.doubt = new Doubt(model.channels)
    const { solver, tapes } = options
    const meet = meeting(model, solver)
    this.#sweep = new Sweep(model.field, model.update, { ...solver, meet, ...(tapes && { tapes }) })
    this.#guard = new Guard(model, rule)
    this.#forecaster = new Forecaster(model, rule, { ...solver, ...(tapes && { tapes }) })
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
   * @param learns Whether the parameters are updated. `no`: only the state takes the values in. `anew`: neither now, nor later across this
   * gap, which is shorter here than it was: a window begins at the state that the model has come to. Default yes.
   * @param typical Root mean square of what persistence misses [channels].
   * @returns What was learned; `predicted` and `rule.variance` then hold the prediction made before y was used. The first
   * observation only sets the state. After a failed sweep the prediction is the last known value and the state starts anew.
   */
  observe(gap: number, y: Float64Array, label: Label, typical: Float64Array, learns: Learns = 'yes'): RuleReport {
    const first = !this.#started
    this.#started = true
    this.#window.append(first ? 0 : gap).set(y)
    this.labels.insert(this.labels.length, label)
    const report = first ? this.#restart(y) : this.#advance(y, learns, typical)
    for (let j = 0; j < y.length; j++) if (isMeasured(y[j]!) && !this.doubt.isDoubted(j)) this.#known[j] = y[j]!
    return report
  }

  /**
   * Takes an observation that came late, where it belongs: the sweep runs over the window anyway. Everything after it sees it
   * from the next sweep on.
   * @param index Of the observation it comes before. @returns As `observe`; after a failed sweep nothing has changed.
   */
  insert(index: number, gaps: GapsAround, y: Float64Array, label: Label): RuleReport {
    this.#window.insert(index, gaps.before, gaps.after).set(y)
    this.labels.insert(index, label)
    const failure = this.#sweepOver(index)
    if (failure !== undefined) {
      this.#take(index, gaps)
      this.predicted.set(this.#known)
      return { gradientNorm: 0, rejected: failure }
    }
    const due = ++this.counters[1]! >= this.#stride
    const report = this.#report(index, due, 'yes', due ? this.#assess(index) : undefined)
    if (this.#window.full) this.#slide()
    this.#refreshKnown()
    return report
  }

  /**
   * Takes an observation out of the window. Where the rule can unlearn, all that was learned since is taken back, newest first, then
   * what was learned from the observation, and the rest is learned anew without it.
   * @returns `predicted` then holds what is predicted there without it.
   */
  remove(index: number, gaps: GapsAround): RuleReport {
    const unlearned = this.#unlearn(index)
    const failure = this.#sweepOver(index)
    if (failure !== undefined) this.predicted.set(this.#known)
    else this.#assess(index)
    const { predicted, variance } = { predicted: this.predicted.slice(), variance: this.rule.variance.slice() }
    const removed = this.#window.observed(index)
    for (let j = 0; j < removed.length; j++) if (isMeasured(removed[j]!)) this.#known[j] = this.startOf(j)
    this.#take(index, gaps)
    this.#refreshKnown()
    for (const label of unlearned) this.#relearn(label)
    this.predicted.set(predicted)
    this.rule.variance.set(variance)
    return { gradientNorm: 0 }
  }

  /** @returns Of observation `index` and later, newest first, those after it whose evidence has been taken back, oldest first. */
  #unlearn(index: number): Label[] {
    const { labels, rule } = this
    const unlearned: Label[] = []
    for (let i = labels.length - 1; i >= index; i--) {
      const label = labels.at(i)
      const { evidence } = label
      if (!evidence || !rule.unlearn || rule.unlearn(evidence).rejected !== undefined) continue
      label.evidence = undefined
      if (i > index) unlearned.unshift(label)
    }
    return unlearned
  }

  #relearn(label: Label): void {
    const index = this.labels.placeOfLabel(label)
    if (this.#sweepOver(index) !== undefined) return
    unlessOwnPartFails(
      () => {
        this.rule.assess(this.#sweep, index)
        label.evidence = this.rule.learn(this.#sweep, index, true).evidence
      },
      () => {},
    )
  }

  /** @returns Why that is not possible. */
  #assess(index: number): string | undefined {
    return unlessOwnPartFails<string | undefined>(
      () => {
        this.rule.assess(this.#sweep, index)
        return undefined
      },
      sentence => sentence,
    )
  }

  #take(index: number, { across }: GapsAround): void {
    this.#window.remove(index, across)
    this.labels.remove(index)
  }

  /** The last values in the window; those of channels that it does not show stay. */
  #refreshKnown(): void {
    for (let i = 0; i < this.#window.length; i++) takeMeasured(this.#window.observed(i), this.#known)
  }

  /** State of the start in the learner's units: what is known of a channel that the window does not show. */
  startOf(channel: number): number {
    return this.#window.startState[channel]!
  }

  /** Predictions at these gaps after the last observation, ascending; nothing changes. */
  forecast(gaps: readonly number[], wanted?: LookAhead): HorizonPrediction[] {
    return unlessOwnPartFails(
      () => this.#forecaster.forecast(this.#window, gaps, wanted),
      () => [],
    )
  }

  save(): Saved {
    return {
      started: this.#started,
      arrays: this.#arrays(),
      rule: this.rule.state,
      guard: this.#guard.state,
      window: this.#window.save(),
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
    saved.at('guard').into(this.#guard.state)
    this.#window.restore(saved.at('window'))
    this.labels.restore(saved.at('labels'))
    if (!doubted) saved.at('doubt').into(this.doubt.state)
  }

  #arrays() {
    const { counters, predicted } = this
    const { parameters } = this.model
    const { variance } = this.rule // of the last assessment; with a stride it is not made anew for every observation
    return {
      parameters,
      counters,
      predicted,
      variance,
      known: this.#known,
      integrator: this.#sweep.integrator.state,
    }
  }

  #advance(y: Float64Array, learns: Learns, typical: Float64Array): RuleReport {
    const last = this.#window.length - 1
    const failure = this.#sweepOver(last)
    if (failure !== undefined) return this.#restart(y, this.#guard.failed(failure))
    if (learns === 'anew') return this.#cut(y, last, typical)
    const due = learns === 'yes' && ++this.counters[1]! >= this.#stride
    const unassessed = due ? this.#assess(last) : undefined
    const { doubted, revised } = this.#weigh(y, last, typical)
    const report = revised ? this.#reviewed(y, last, due, learns) : this.#report(last, due, learns, unassessed)
    if (this.#window.full) this.#slide()
    return doubted > 0 ? { ...report, clipped: (report.clipped ?? 0) + doubted } : report
  }

  #report(last: number, due: boolean, learns: Learns, unassessed?: string): RuleReport {
    if (learns === 'no') return { gradientNorm: 0, rejected: OVERLOAD }
    if (unassessed !== undefined) return { gradientNorm: 0, rejected: unassessed }
    return due ? this.#learn(last) : { gradientNorm: 0 }
  }

  /** Decides which of the last observation's values are taken in, and whether those before were rightly judged. */
  #weigh(y: Float64Array, last: number, typical: Float64Array): Weighed {
    const { predicted, labels, doubt } = this
    const before = { window: this.#window, labels, last, predicted, known: this.#known }
    const weighed = weigh(doubt, y, { ...before, typical, variance: this.rule.variance })
    this.leapt = weighed.leapt
    return weighed
  }

  /** Learns from the last observation with the window as it is now; the prediction stays the one that was made. */
  #reviewed(y: Float64Array, last: number, due: boolean, learns: Learns): RuleReport {
    const predicted = this.predicted.slice()
    const variance = this.rule.variance.slice()
    const failure = this.#sweepOver(last)
    if (failure !== undefined) return this.#restart(y, this.#guard.failed(failure))
    const report = this.#report(last, due, learns, due ? this.#assess(last) : undefined)
    this.predicted.set(predicted)
    this.rule.variance.set(variance)
    return report
  }

  /** Sweeps and reads the prediction of observation `index`. @returns Why that is not possible. */
  #sweepOver(index: number): string | undefined {
    return unlessOwnPartFails(
      () => this.#predict(index),
      sentence => sentence,
    )
  }

  #predict(index: number): string | undefined {
    const outcome = this.#sweep.forward(this.#window)
    if (outcome !== REACHED) return describeOutcome(outcome)
    const z = this.#sweep.before(this.#window.length - 1)
    if (!isSane(z)) return 'The state left the range in which the model can be trusted.'
    this.predicted.set(this.#sweep.before(index).subarray(0, this.predicted.length))
    return undefined
  }

  #learn(last: number): RuleReport {
    return unlessOwnPartFails(
      () => this.#update(last),
      rejected => ({ gradientNorm: 0, rejected }),
    )
  }

  #update(last: number): RuleReport {
    if (!this.#sweep.observed(last).some(isMeasured)) return { gradientNorm: 0 }
    const label = this.labels.at(last)
    const { evidence, ...report } = this.#guard.learn(this.#sweep, last, label.id !== undefined)
    label.evidence = evidence
    if (report.rejected === undefined) {
      this.counters[0]!++
      this.counters[1] = 0
    }
    return report
  }

  /** The new start is the state just after the first observation. What no channel shows is kept within bounds. */
  #slide(): void {
    this.#window.slide(this.#sweep.after(0), this.model.field.timeDependent ?? true)
    this.labels.slide()
    this.#bound()
  }

  #bound(): void {
    const { channels, dimension } = this.model
    const { startState } = this.#window
    for (let i = channels; i < dimension; i++)
      startState[i] = Math.max(-LATENT_LIMIT, Math.min(LATENT_LIMIT, startState[i]!))
  }

  /** Begins a window at the new observation, where the sweep has got: what is measured is taken, unless it is doubted. */
  #cut(y: Float64Array, last: number, typical: Float64Array): RuleReport {
    this.#assess(last)
    const { startState } = this.#window
    startState.set(this.#sweep.before(last))
    const { doubted } = this.#weigh(y, last, typical)
    takeMeasured(this.#window.observed(last), startState)
    this.#empty()
    this.#bound()
    return { gradientNorm: 0, rejected: ACROSS, ...(doubted > 0 && { clipped: doubted }) }
  }

  /** Nothing is left in the window; its start is where its last observation was. */
  #empty(): void {
    const { length } = this.#window
    const time = length > 0 ? this.#window.time(length - 1) : 0
    this.#window.restart((this.model.field.timeDependent ?? true) ? time : 0)
    this.labels.restart()
  }

  /** Begins a window at the new observation: measured channels take the value, the others the last one known. */
  #restart(y: Float64Array, report: RuleReport = { gradientNorm: 0 }): RuleReport {
    this.#empty()
    this.doubt.settle()
    this.#window.startState.fill(0)
    for (let j = 0; j < y.length; j++) {
      this.predicted[j] = this.#known[j]!
      this.#window.startState[j] = isMeasured(y[j]!) ? y[j]! : this.#known[j]!
    }
    return report
  }
}

/**
 * Where the state does not jump, observations are read from the dense output: the same error for half to an eighth of the
 * evaluations (ARCHITECTURE.md). A cubic would be less accurate than the method.
 */
function meeting({ update }: Model, { method }: IntegratorOptions): 'land' | 'interpolate' {
  return update.passive && firstTableau(method).dense.order >= 4 ? 'interpolate' : 'land'
}

/** See `Filter.observe`. */
type Learns = 'yes' | 'no' | 'anew'

const OVERLOAD = 'Not learned, only taken in: more comes than can be learned.'
const ACROSS = 'Not learned, only taken in: the gap before it is longer than maxGap.'

/** A latent dimension that no channel shows can drift off unseen; this many units are more than it ever needs. */
const LATENT_LIMIT = 5

function isSane(z: Float64Array): boolean {
  for (let i = 0; i < z.length; i++) if (!(Math.abs(z[i]!) < 1e6)) return false
  return true
}
