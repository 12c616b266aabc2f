import { ContraflowError } from '../errors.js'
import type { Estimate, Prediction } from '../estimate.js'
import { isMeasured, type Observation } from '../observation.js'
import type { SharedTapes } from '../ode/solution/shared-tapes.js'
import type { Saved } from '../saved.js'
import type { Section } from '../section.js'
import type { Storable } from '../storable.js'
import { checkObservation } from './check-observation.js'
import { persistence, present } from './judge.js'
import type { LearnerOptions } from './learner-options.js'
import { type LearnerSettings, learnerSettings } from './learner-settings.js'
import { isCustom } from './model/custom-dynamics.js'
import type { Model } from './model/model.js'
import { TrainedModel } from './trained-model.js'
import type { LearnerUnits } from './units/learner-units.js'
import { Normaliser } from './units/normaliser.js'
import { outgrown } from './units/outgrown.js'
import { Recent } from './units/recent.js'
import { reviseWarmup } from './units/revise-warmup.js'
import { waiting } from './units/waiting.js'
import { Warmup } from './units/warmup.js'

/** What is wanted of predictions. */
export interface PredictOptions {
  /** Default true. */
  readonly intervals?: boolean
}

/**
 * Learns one system online. `observe` predicts an observation, then learns from it, synchronously.
 *
 * During the warm-up (the first `warmup` observations) the prediction is persistence, the last value of each channel. The
 * units of the channels and of time are then estimated, and the warm-up is learned from, in order. When a channel outgrows its unit
 * later (calm during the warm-up, wild afterwards), the units are estimated again and a new model learns the last observations anew; a field of
 * one's own keeps the first.
 * Same observations, same options: same bits, on every machine.
 */
export class Learner implements Storable {
  /** Every option with its value. */
  readonly settings: LearnerSettings
  readonly #tapes: SharedTapes | undefined
  readonly #warmup = new Warmup()
  #trained: TrainedModel | undefined
  /** The last ones, those of the warm-up included. */
  #recent: Recent | undefined
  /** Last measured value of each channel, in its unit; NaN before there was one. */
  #known: Float64Array | undefined
  #time = Number.NEGATIVE_INFINITY
  #ordered = Number.NEGATIVE_INFINITY

  /** @param tapes Shared by learners of one thread, which take turns anyway; saves most of the memory of each. */
  constructor(options: LearnerOptions = {}, tapes?: SharedTapes) {
    this.#tapes = tapes
    this.settings = learnerSettings(options)
  }

  /** Event time of the last observation, seconds; −∞ before the first. */
  get time(): number {
    return this.#time
  }

  /** Event time of the last one that `observe` took: earlier than `time` when a correction has moved one beyond it. */
  get orderedTime(): number {
    return this.#ordered
  }

  /** Has the warm-up ended? */
  get ready(): boolean {
    return this.#trained !== undefined
  }

  /** What has been learned: parameters, field and update map, in the learner's units, another when these change; nothing during the warm-up. */
  get model(): Model | undefined {
    return this.#trained?.filter.model
  }

  /** Those units: mean and unit of each channel, and seconds of the typical gap; nothing during the warm-up. */
  get units(): LearnerUnits | undefined {
    const normaliser = this.#trained?.normaliser
    return normaliser && { mean: normaliser.mean, scale: normaliser.scale, timeScale: normaliser.timeScale }
  }

  /**
   * @param observation Not earlier than the one before, with as many channels; neither kept nor changed. Marked as the first after
   * the clock of the source was set back, it follows one typical gap after the one before, whatever its time.
   * @throws ContraflowError TIME_NOT_MONOTONE, DIMENSION_MISMATCH, OBSERVATION_NOT_FINITE; nothing has changed then.
   */
  observe(observation: Observation): Estimate {
    if (observation.arrival === 'reset') this.#resetClock(observation)
    const known = this.#check(observation)
    const trained = this.#trained
    const estimate = trained ? trained.step(observation, known) : this.#waitFor(observation, known)
    this.#time = this.#ordered = observation.t
    observation.y.forEach((value, j) => {
      if (isMeasured(value) && !trained?.filter.doubt.isDoubted(j)) known[j] = value
    })
    if (trained) this.#keep(trained, observation, trained.filter.doubt.state.doubted)
    return estimate
  }

  /**
   * Takes an observation that came late, a correction or a retraction: the window is set right and learned from, with the
   * prediction that would have been made there today. Corrections and retractions name what they change by its id; what the
   * parameters learned from it is taken back to first order (`kalman`) or outlived (`adam`, `sgd`).
   * @returns undefined, and nothing has changed, when it is older than the window or the window has no such id.
   * @throws ContraflowError TIME_NOT_MONOTONE, DIMENSION_MISMATCH, OBSERVATION_NOT_FINITE; nothing has changed then.
   */
  revise(observation: Observation): Estimate | undefined {
    const known = this.#known
    if (known === undefined) return undefined
    const retracts = observation.revision === 'retract'
    if (!retracts) this.#checkShape(observation)
    const estimate = this.#trained
      ? this.#reviseTrained(this.#trained, observation, known)
      : this.#reviseWarmup(observation, known)
    if (estimate && !retracts) this.#time = Math.max(this.#time, observation.t)
    return estimate
  }

  /**
   * Predictions at times after the last observation, ascending. Changes nothing.
   * @returns One a time; during the warm-up, or where the solver cannot get, persistence without an interval. Intervals cost
   * milliseconds a time; without them a time costs about as much as an observation.
   */
  predict(times: readonly number[], { intervals = true }: PredictOptions = {}): Prediction[] {
    const known = this.#known ?? new Float64Array(0)
    const trained = this.#trained
    if (trained === undefined) return times.map(t => persistence(t, known))
    const gaps = times.map(t => Math.max(0, trained.gapTo(t)))
    const looked = trained.filter.forecast(gaps, { variance: intervals })
    return times.map((t, i) =>
      looked[i] ? present(trained, { t, gap: gaps[i]! }, looked[i], known) : persistence(t, known),
    )
  }

  save(): Saved {
    const trained = this.#trained
    return {
      time: this.#time,
      ordered: this.#ordered,
      known: this.#known ?? null,
      warmup: this.#warmup.save(),
      trained: trained?.save() ?? null,
      recent: this.#recent?.save() ?? null,
    }
  }

  /** @param saved Of a learner with the same settings; this one has seen nothing yet. */
  restore(saved: Section): void {
    const known = saved.at('known')
    this.#time = saved.at('time').number
    // Earlier checkpoints do not have it.
    this.#ordered = saved.fields.get('ordered')?.number ?? this.#time
    this.#known = known.isNull ? undefined : known.doubles()
    this.#warmup.restore(saved.at('warmup'))
    const trained = saved.at('trained')
    if (trained.isNull) return
    this.#trained = this.#createTrained(Normaliser.restored(trained.at('normaliser')))
    this.#trained.restore(trained)
    this.#recent = this.#createRecent(this.#trained)
    const recent = saved.fields.get('recent')
    if (recent && !recent.isNull) this.#recent?.restore(recent)
  }

  #check(observation: Observation): Float64Array {
    const { t } = observation
    if (t < this.#time) throw new ContraflowError('TIME_NOT_MONOTONE', { received: `t=${t} after t=${this.#time}` })
    return this.#checkShape(observation)
  }

  #checkShape(observation: Observation): Float64Array {
    this.#known = checkObservation(observation, this.#known, this.settings)
    return this.#known
  }

  /** Moves all that is known to where the source's clock is now. */
  #resetClock(observation: Observation): void {
    if (this.#known === undefined) return
    this.#checkShape(observation)
    const typical = this.#trained?.normaliser.timeScale ?? this.#warmup.typicalGap
    const [from, to] = [this.#time, observation.t - typical]
    this.#warmup.shift(from, to)
    this.#trained?.filter.labels.shift(from, to)
    this.#recent?.shift(from, to)
    this.#time = to
  }

  /** Predicts by persistence and keeps the observation for the end of the warm-up. */
  #waitFor(observation: Observation, known: Float64Array): Estimate {
    const estimate = waiting(observation, observation.y, known)
    this.#warmup.add(observation)
    if (this.#warmup.length === this.settings.warmup) this.#endWarmup()
    return estimate
  }

  #reviseWarmup(observation: Observation, known: Float64Array): Estimate | undefined {
    const estimate = reviseWarmup(this.#warmup, observation, known)
    if (estimate && this.#warmup.length === this.settings.warmup) this.#endWarmup()
    return estimate
  }

  #endWarmup(): void {
    const { observations } = this.#warmup
    this.#trained = this.#createTrained(Normaliser.fit(observations, { leastSpread: LEAST_SPREAD }))
    this.#trained.learn(observations)
    this.#recent = this.#createRecent(this.#trained)
    for (const observation of observations) this.#recent?.add(observation)
    observations.length = 0
  }

  #createTrained(units: Normaliser): TrainedModel {
    return new TrainedModel(units, this.settings, this.#tapes)
  }

  /** Nothing for a field of one's own, which is made once. */
  #createRecent({ filter: { model } }: TrainedModel): Recent | undefined {
    const { warmup, model: options } = this.settings
    if (isCustom(options.dynamics)) return undefined
    const spans = Math.max(1, Math.min(SPANS, Math.floor(RELEARNED / (model.parameters.length * warmup))))
    return new Recent(spans * warmup, model.channels)
  }

  /**
   * Keeps it, and looks whether the units still fit: often at first, then whenever nothing is left of what was looked at before, and
   * when absurd values are believed.
   */
  #keep(trained: TrainedModel, observation: Observation, doubted?: Float64Array): void {
    const recent = this.#recent
    if (recent === undefined) return
    const { warmup } = this.settings
    recent.add(observation, doubted)
    const spans = recent.taken / warmup
    if (!(trained.filter.leapt || spans === 2 || spans === 4 || spans % SPANS === 0)) return
    const { observations, complete: all } = recent
    const units = outgrown(trained.normaliser, observations, { span: warmup, leastSpread: LEAST_SPREAD, all })
    if (units === undefined) return
    this.#trained = this.#createTrained(units)
    this.#trained.learn(observations)
    this.#trained.filter.counters.set(trained.filter.counters)
  }

  #reviseTrained(trained: TrainedModel, observation: Observation, known: Float64Array): Estimate | undefined {
    const estimate = trained.revise(observation, known)
    if (estimate === undefined) return undefined
    if (estimate.revision !== 'late') this.#recent?.remove(observation.id)
    if (estimate.revision !== 'retracted') this.#keep(trained, observation)
    return estimate
  }
}

/** A channel that does not move during the warm-up gets this fraction of its value as unit. */
const LEAST_SPREAD = 0.4

/** The units are looked at over at most so many times the observations of a warm-up, */
const SPANS = 8
/** and no more than this many, times the parameters, are learned from anew at once. */
const RELEARNED = 160_000
