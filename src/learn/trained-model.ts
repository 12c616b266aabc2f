import type { Estimate } from '../estimate.js'
import { isMeasured, type Observation, toNullable } from '../observation.js'
import type { SharedTapes } from '../ode/solution/shared-tapes.js'
import type { Saved } from '../saved.js'
import type { Section } from '../section.js'
import type { Storable } from '../storable.js'
import { GapSpread } from './intervals/gap-spread.js'
import { IntervalWidth } from './intervals/interval-width.js'
import { PersistenceBlend } from './intervals/persistence-blend.js'
import { ScoreScale } from './intervals/score-scale.js'
import { type Judgement, judge, type Trained } from './judge.js'
import type { LearnerSettings } from './learner-settings.js'
import { createModel } from './model/model.js'
import { createRule } from './rules/create-rule.js'
import type { RuleReport } from './rules/learning-rule.js'
import type { Normaliser } from './units/normaliser.js'
import { Breaks } from './window/breaks.js'
import { Filter } from './window/filter.js'
import { createLabel } from './window/labels.js'
import { revise, updateReport } from './window/revise.js'

/** A model at work in its units, and what is known of how good it is. */
export class TrainedModel implements Trained, Storable {
  readonly normaliser: Normaliser
  readonly filter: Filter
  readonly blend: PersistenceBlend
  readonly width: IntervalWidth
  readonly gapSpread: GapSpread
  readonly scoreScale = new ScoreScale()
  readonly #breaks: Breaks
  readonly #maxGap: number

  /** One that has learned nothing yet. @param filter One that is new, or as if it were; made here by default. */
  constructor(normaliser: Normaliser, settings: LearnerSettings, tapes: SharedTapes | undefined, filter?: Filter) {
    const channels = normaliser.mean.length
    this.normaliser = normaliser
    this.filter = filter ?? createFilter(channels, settings, tapes)
    this.blend = new PersistenceBlend(channels)
    this.width = new IntervalWidth(channels, settings.level)
    this.gapSpread = new GapSpread(channels)
    this.#maxGap = settings.maxGap
    this.#breaks = new Breaks(settings.maxGap)
  }

  /** Typical gaps from the last observation in the window to t. */
  gapTo(t: number): number {
    const { labels } = this.filter
    return (t - labels.time(labels.length - 1)) / this.normaliser.timeScale
  }

  /** Predicts the observation, then learns from it. @param known Last measured values before it [channels]. */
  step(observation: Observation, known: Float64Array): Estimate {
    const { t, y, id, learn } = observation
    const { filter } = this
    const before = filter.evaluations
    const normalised = new Float64Array(y.length)
    this.normaliser.normalise(y, normalised)
    const gap = this.gapTo(t)
    const learns = this.#breaks.take(gap) ? 'anew' : learn === false ? 'no' : 'yes'
    const how = { learns, movement: this.blend } as const
    const { pending } = filter.doubt
    const report = filter.observe(Math.min(gap, this.#maxGap), normalised, createLabel(t, id, y), how)
    this.gapSpread.pass(gap)
    const view = { observed: toNullable(y), ...judge(this, y, known, { pending }) }
    return this.#estimate(observation, view, report, before)
  }

  /**
   * Takes an observation that came late, a correction or a retraction.
   * @param known Last measured values [channels]; set to what they are afterwards.
   * @returns undefined, and nothing has changed, when it is older than the window or the window has no such id.
   */
  revise(observation: Observation, known: Float64Array): Estimate | undefined {
    const { filter, normaliser } = this
    const before = filter.evaluations
    const revised = revise(this, observation, known, this.#maxGap)
    if (revised === undefined) return undefined
    const { revision, report, judgement, removed } = revised
    const shown = filter.labels.knownBefore(filter.labels.length, known.length)
    shown.forEach((value, j) => {
      if (isMeasured(value)) known[j] = value
      else if (removed && isMeasured(removed[j]!)) known[j] = normaliser.restore(filter.startOf(j), j)
    })
    const observed = revision === 'retracted' ? Array.from(known, () => null) : toNullable(observation.y)
    return { ...this.#estimate(observation, { observed, ...judgement }, report, before), revision }
  }

  /** @param before Evaluations before the observation was taken. */
  #estimate(
    { key, t }: Observation,
    view: Judgement & Pick<Estimate, 'observed'>,
    report: RuleReport,
    before: Filter['evaluations'],
  ): Estimate {
    const { evaluations: after, counters } = this.filter
    return {
      key,
      t,
      ...view,
      update: updateReport(counters[0]!, report),
      evaluations: { forward: after.forward - before.forward, backward: after.backward - before.backward },
    }
  }

  save(): Saved {
    const { normaliser, filter, blend, width, scoreScale } = this
    const judgement = {
      blend: blend.state,
      width: width.state,
      gapSpread: this.gapSpread.state,
      scoreScale: scoreScale.state,
      breaks: this.#breaks.state,
    }
    return { normaliser: normaliser.save(), filter: filter.save(), ...judgement }
  }

  /** @param saved Of one with the same settings; its units are those of this one. */
  restore(saved: Section): void {
    this.filter.restore(saved.at('filter'))
    saved.at('blend').into(this.blend.state)
    this.width.restore(saved.at('width'))
    // Earlier checkpoints do not have these.
    saved.fields.get('gapSpread')?.into(this.gapSpread.state)
    for (const [name, { state }] of [
      ['scoreScale', this.scoreScale],
      ['breaks', this.#breaks],
    ] as const) {
      const field = saved.fields.get(name)
      if (field) state.set(field.doubles(state.length))
    }
  }
}

function createFilter(channels: number, settings: LearnerSettings, tapes: SharedTapes | undefined): Filter {
  const model = createModel({ ...settings.model, channels, seed: settings.seed })
  return new Filter(model, createRule(model, settings), { ...settings, ...(tapes && { tapes }) })
}
