import { ContraflowError } from '../errors.js'
import type { Estimate, Prediction } from '../estimate.js'
import { type Observation, takeMeasured } from '../observation.js'
import type { SharedTapes } from '../ode/solution/shared-tapes.js'
import type { Saved } from '../saved.js'
import type { Section } from '../section.js'
import type { Storable } from '../storable.js'
import { checkObservation } from './check-observation.js'
import { persistence, present } from './judge.js'
import type { LearnerOptions } from './learner-options.js'
import { type LearnerSettings, learnerSettings } from './learner-settings.js'
import type { Model } from './model/model.js'
import type { TrainedModel } from './trained-model.js'
import type { LearnerUnits } from './units/learner-units.js'
import { reviseWarmup } from './units/revise-warmup.js'
import { Succession } from './units/succession.js'
import { waiting } from './units/waiting.js'

/** What is wanted of predictions. */
export interface PredictOptions {
  /** Default true. */
  readonly intervals?: boolean
}

/**
 * Learns one system online. `observe` predicts an observation, then learns from it, synchronously.
 *
 * During the warm-up (the first `warmup` observations) the prediction is persistence, the last value of each channel; from the thirteenth
 * observation on, of a warm-up of 24 or more, that of a first model. The
 * units of the channels and of time are then estimated, and the warm-up is learned from, in order. When a channel outgrows its unit
 * later (calm during the warm-up, wild afterwards), the units are estimated again and a new model learns the last observations anew; a field of
 * one's own keeps the first.
 * Same observations, same options: same bits, on every machine.
 */
export class Learner implements Storable {
  /** Every option with its value. */
  readonly settings: LearnerSettings
  readonly #succession: Succession
  /** Last measured value of each channel, in its unit; NaN before there was one. */
  #known: Float64Array | undefined
  #time = Number.NEGATIVE_INFINITY
  #ordered = Number.NEGATIVE_INFINITY

  /** @param tapes Shared by learners of one thread, which take turns anyway; saves most of the memory of each. */
  constructor(options: LearnerOptions = {}, tapes?: SharedTapes) {
    this.settings = learnerSettings(options)
    this.#succession = new Succession(this.settings, tapes)
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
    return this.#succession.model !== undefined
  }

  /** What has been learned: parameters, field and update map, in the learner's units, another when these change; nothing during the warm-up. */
  get model(): Model | undefined {
    return this.#succession.model?.filter.model
  }

  /** Those units: mean and unit of each channel, and seconds of the typical gap; nothing during the warm-up. */
  get units(): LearnerUnits | undefined {
    const normaliser = this.#succession.model?.normaliser
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
    const trained = this.#succession.model
    const estimate = trained ? trained.step(observation, known) : this.#waitFor(observation, known)
    this.#time = this.#ordered = observation.t
    const doubted = trained?.filter.doubt.state.doubted
    takeMeasured(observation.y, known, doubted)
    this.#succession.add(observation, doubted)
    this.#succession.proceed(trained?.filter.leapt)
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
    if (observation.revision !== 'retract') this.#checkShape(observation)
    const trained = this.#succession.model
    const estimate = trained
      ? this.#reviseTrained(trained, observation, known)
      : reviseWarmup(this.#succession, observation, known)
    if (estimate === undefined || estimate.revision === 'retracted') return estimate
    this.#time = Math.max(this.#time, observation.t)
    this.#succession.proceed()
    return estimate
  }

  /**
   * Predictions at times after the last observation, ascending. Changes nothing.
   * @returns One a time; during the warm-up without an interval, there at first and where the solver cannot get persistence. Intervals cost
   * milliseconds a time; without them a time costs about as much as an observation.
   */
  predict(times: readonly number[], { intervals = true }: PredictOptions = {}): Prediction[] {
    const known = this.#known ?? new Float64Array(0)
    const trained = this.#succession.model ?? this.#succession.early.model
    if (trained === undefined) return times.map(t => persistence(t, known))
    const gaps = times.map(t => Math.max(0, trained.gapTo(t)))
    const looked = trained.filter.forecast(gaps, { variance: intervals && this.ready })
    return times.map((t, i) =>
      looked[i] ? present(trained, { t, gap: gaps[i]! }, looked[i], known) : persistence(t, known),
    )
  }

  save(): Saved {
    return { time: this.#time, ordered: this.#ordered, known: this.#known ?? null, ...this.#succession.save() }
  }

  /** @param saved Of a learner with the same settings; this one has seen nothing yet. */
  restore(saved: Section): void {
    const known = saved.at('known')
    this.#time = saved.at('time').number
    // Earlier checkpoints do not have it.
    this.#ordered = saved.fields.get('ordered')?.number ?? this.#time
    this.#known = known.isNull ? undefined : known.doubles()
    this.#succession.restore(saved)
  }

  /** Predicts as well as it can be done yet. */
  #waitFor(observation: Observation, known: Float64Array): Estimate {
    return waiting(observation, observation.y, known, this.#succession.early.predict(observation))
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
    const to = observation.t - this.#succession.typicalGap
    this.#succession.shift(this.#time, to)
    this.#time = to
  }

  #reviseTrained(trained: TrainedModel, observation: Observation, known: Float64Array): Estimate | undefined {
    const estimate = trained.revise(observation, known)
    if (estimate === undefined) return undefined
    if (estimate.revision !== 'late') this.#succession.remove(observation.id)
    if (estimate.revision !== 'retracted') this.#succession.add(observation)
    return estimate
  }
}
