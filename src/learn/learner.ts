import { ContraflowError } from '../errors.js'
import type { Estimate, Prediction, UpdateReport } from '../estimate.js'
import { isMeasured, type Observation, toNullable } from '../observation.js'
import type { SharedTapes } from '../ode/shared-tapes.js'
import type { Saved } from '../saved.js'
import { restoreObservation, saveObservation } from '../saved-observation.js'
import type { Section } from '../section.js'
import type { Storable } from '../storable.js'
import { surprise } from './chi-square.js'
import { Filter } from './filter.js'
import type { HorizonPrediction } from './forecaster.js'
import { IntervalWidth } from './interval-width.js'
import { createRule, type LearnerOptions, type LearnerSettings, learnerSettings } from './learner-options.js'
import type { RuleReport } from './learning-rule.js'
import { createModel } from './model.js'
import { Normaliser } from './normaliser.js'
import { PersistenceBlend } from './persistence-blend.js'

/** What exists once the units are known. */
interface Trained {
  readonly normaliser: Normaliser
  readonly filter: Filter
  readonly blend: PersistenceBlend
  readonly width: IntervalWidth
}

/**
 * Learns one system online. `observe` predicts an observation, then learns from it, synchronously.
 *
 * During the warm-up (the first `warmup` observations) the prediction is persistence, the last value of each channel. The
 * units of the channels and of time are then estimated and frozen, and the warm-up is learned from, in order.
 * Same observations, same options: same bits, on every machine.
 */
export class Learner implements Storable {
  readonly settings: LearnerSettings
  readonly #tapes: SharedTapes | undefined
  readonly #warmup: Observation[] = []
  #trained: Trained | undefined
  /** Last measured value of each channel, in its unit; NaN before there was one. */
  #known: Float64Array | undefined
  #time = Number.NEGATIVE_INFINITY

  /** @param tapes Shared by learners of one thread, which take turns anyway; saves most of the memory of each. */
  constructor(options: LearnerOptions = {}, tapes?: SharedTapes) {
    this.#tapes = tapes
    this.settings = learnerSettings(options)
  }

  /** Event time of the last observation, seconds; −∞ before the first. */
  get time(): number {
    return this.#time
  }

  /** Has the warm-up ended? */
  get ready(): boolean {
    return this.#trained !== undefined
  }

  /**
   * @param observation Not earlier than the one before, with as many channels; neither kept nor changed.
   * @throws ContraflowError TIME_NOT_MONOTONE, DIMENSION_MISMATCH; nothing has changed then.
   */
  observe(observation: Observation): Estimate {
    const known = this.#check(observation)
    const trained = this.#trained
    const estimate = trained ? this.#step(trained, observation, known) : this.#waitFor(observation, known)
    this.#time = observation.t
    observation.y.forEach((value, j) => {
      if (isMeasured(value)) known[j] = value
    })
    return estimate
  }

  /**
   * Predictions at times after the last observation, ascending. Changes nothing.
   * @returns One a time; during the warm-up, or where the solver cannot get, persistence without an interval.
   */
  predict(times: readonly number[]): Prediction[] {
    const known = this.#known ?? new Float64Array(0)
    const trained = this.#trained
    if (trained === undefined) return times.map(t => persistence(t, known))
    const gaps = times.map(t => Math.max(0, (t - this.#time) / trained.normaliser.timeScale))
    const looked = trained.filter.forecast(gaps)
    return times.map((t, i) => (looked[i] ? present(trained, t, looked[i], known) : persistence(t, known)))
  }

  save(): Saved {
    const trained = this.#trained
    return {
      time: this.#time,
      known: this.#known ?? null,
      warmup: this.#warmup.map(saveObservation),
      trained: trained ? saveTrained(trained) : null,
    }
  }

  /** @param saved Of a learner with the same settings; this one has seen nothing yet. */
  restore(saved: Section): void {
    const known = saved.at('known')
    this.#time = saved.at('time').number
    this.#known = known.isNull ? undefined : known.doubles()
    this.#warmup.splice(0, this.#warmup.length, ...saved.at('warmup').list.map(restoreObservation))
    const trained = saved.at('trained')
    this.#trained = trained.isNull ? undefined : this.#restoreTrained(trained)
  }

  #restoreTrained(saved: Section): Trained {
    const trained = this.#createTrained(Normaliser.restored(saved.at('normaliser')))
    trained.filter.restore(saved.at('filter'))
    saved.at('blend').into(trained.blend.state)
    saved.at('width').into(trained.width.state)
    return trained
  }

  #check({ t, y }: Observation): Float64Array {
    if (!(t >= this.#time) || !Number.isFinite(t))
      throw new ContraflowError('TIME_NOT_MONOTONE', { received: `t=${t} after t=${this.#time}` })
    this.#known ??= new Float64Array(y.length).fill(Number.NaN)
    if (y.length === this.#known.length) return this.#known
    throw new ContraflowError('DIMENSION_MISMATCH', {
      received: `${y.length} channels`,
      expected: `${this.#known.length}, as before`,
    })
  }

  /** Predicts by persistence and keeps the observation for the end of the warm-up. */
  #waitFor(observation: Observation, known: Float64Array): Estimate {
    const estimate: Estimate = {
      key: observation.key,
      t: observation.t,
      observed: toNullable(observation.y),
      predicted: toNullable(known),
      interval: Array.from(known, () => null),
      score: null,
      loss: null,
      update: { count: 0, gradientNorm: 0 },
      evaluations: { forward: 0, backward: 0 },
    }
    this.#warmup.push({ ...observation, y: observation.y.slice() })
    if (this.#warmup.length === this.settings.warmup) this.#endWarmup()
    return estimate
  }

  #endWarmup(): void {
    const trained = this.#createTrained(Normaliser.fit(this.#warmup, { leastSpread: LEAST_SPREAD }))
    this.#trained = trained
    const known = new Float64Array(trained.normaliser.mean.length).fill(Number.NaN)
    this.#time = this.#warmup[0]!.t
    for (const observation of this.#warmup) {
      this.#step(trained, observation, known)
      this.#time = observation.t
      observation.y.forEach((value, j) => {
        if (isMeasured(value)) known[j] = value
      })
    }
    this.#warmup.length = 0
  }

  #createTrained(normaliser: Normaliser): Trained {
    const { settings } = this
    const tapes = this.#tapes
    const channels = normaliser.mean.length
    const model = createModel({ ...settings.model, channels, seed: settings.seed })
    return {
      normaliser,
      filter: new Filter(model, createRule(model, settings), { ...settings, ...(tapes && { tapes }) }),
      blend: new PersistenceBlend(channels),
      width: new IntervalWidth(channels, settings.level),
    }
  }

  #step(trained: Trained, observation: Observation, known: Float64Array): Estimate {
    const { normaliser, filter } = trained
    const { key, t, y } = observation
    const before = filter.evaluations
    const normalised = new Float64Array(y.length)
    normaliser.normalise(y, normalised)
    const gap = Math.min((t - this.#time) / normaliser.timeScale, this.settings.maxGap)
    const report = filter.observe(gap, normalised)
    const view = this.#judge(trained, y, known)
    const after = filter.evaluations
    return {
      key,
      t,
      observed: toNullable(y),
      ...view,
      update: updateReport(filter.counters[0]!, report),
      evaluations: { forward: after.forward - before.forward, backward: after.backward - before.backward },
    }
  }

  /** Puts the prediction into the channels' units, with interval and score, and learns how good it was. */
  #judge(
    { normaliser, filter, blend, width }: Trained,
    y: Float64Array,
    known: Float64Array,
  ): Pick<Estimate, 'predicted' | 'interval' | 'score' | 'loss'> {
    const predicted: (number | null)[] = []
    const interval: ([number, number] | null)[] = []
    let [measured, squares, standardised] = [0, 0, 0]
    for (let j = 0; j < y.length; j++) {
      const last = known[j]!
      if (!isMeasured(last)) {
        predicted.push(null)
        interval.push(null)
        continue
      }
      const scale = normaliser.scale[j]!
      const model = normaliser.restore(filter.predicted[j]!, j)
      const value = last + blend.weight(j) * (model - last)
      const deviation = Math.sqrt(filter.rule.variance[j]!)
      const half = width.factor(j) * deviation * scale
      predicted.push(value + 0)
      interval.push([value - half + 0, value + half + 0])
      if (!isMeasured(y[j]!)) continue
      const error = (y[j]! - value) / scale
      measured++
      squares += error * error
      standardised += (error / deviation) ** 2
      blend.observe(j, (y[j]! - model) / scale, (y[j]! - last) / scale, deviation)
      width.observe(j, error / deviation)
    }
    if (measured === 0) return { predicted, interval, score: null, loss: null }
    const loss = Math.min(squares / measured, Number.MAX_VALUE) // JSON has no infinity
    return { predicted, interval, score: surprise(standardised, measured), loss }
  }
}

function saveTrained({ normaliser, filter, blend, width }: Trained): Saved {
  return { normaliser: normaliser.save(), filter: filter.save(), blend: blend.state, width: width.state }
}

function persistence(t: number, known: Float64Array): Prediction {
  return { t, predicted: toNullable(known), interval: Array.from(known, () => null) }
}

/** A prediction in the channels' units, mixed with persistence as far as the model has not proved better. */
function present(trained: Trained, t: number, look: HorizonPrediction, known: Float64Array): Prediction {
  const { normaliser, blend, width } = trained
  const value = Array.from(known, (last, j) =>
    isMeasured(last) ? last + blend.weight(j) * (normaliser.restore(look.predicted[j]!, j) - last) + 0 : null,
  )
  const interval = value.map((centre, j): [number, number] | null => {
    if (centre === null) return null
    const half = width.factor(j) * Math.sqrt(look.variance[j]!) * normaliser.scale[j]!
    return [centre - half, centre + half]
  })
  return { t, predicted: value, interval }
}

/** A channel that hardly moves during the warm-up gets this fraction of its mean as unit. */
const LEAST_SPREAD = 0.4

function updateReport(count: number, { gradientNorm, rejected }: RuleReport): UpdateReport {
  return rejected === undefined ? { count, gradientNorm } : { count, gradientNorm, rejected }
}
