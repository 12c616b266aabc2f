import type { Observation } from '../../observation.js'
import type { SharedTapes } from '../../ode/solution/shared-tapes.js'
import type { Saved } from '../../saved.js'
import type { Section } from '../../section.js'
import type { Storable } from '../../storable.js'
import { AT_ONCE, BESIDES } from '../allowance.js'
import type { LearnerSettings } from '../learner-settings.js'
import { isCustom } from '../model/custom-dynamics.js'
import { TrainedModel } from '../trained-model.js'
import { Backlog } from './backlog.js'
import { EarlyModel } from './early-model.js'
import { Normaliser } from './normaliser.js'
import { outgrown } from './outgrown.js'
import { Recent } from './recent.js'

/**
 * The model at work and the one that follows it: the first at the end of the warm-up, another one when the units are outgrown. A new
 * one learns from the observations that there are, at once where that is little work. Where it is much, it catches up a piece with
 * each new observation, and the old one, or persistence, predicts until then: nobody waits for hundreds of observations to be learned
 * inside of one. It knows the same then as if it had learned all at once.
 */
export class Succession implements Storable {
  /** What is to be learned from before there is another model. */
  readonly backlog = new Backlog()
  /** What predicts while there is no model yet. */
  readonly early: EarlyModel
  readonly #settings: LearnerSettings
  readonly #tapes: SharedTapes | undefined
  #model: TrainedModel | undefined
  /** The last observations, those of the warm-up included; nothing for a field of one's own, which is made once. */
  #recent: Recent | undefined

  /** @param tapes As of the learner. */
  constructor(settings: LearnerSettings, tapes: SharedTapes | undefined) {
    this.#settings = settings
    this.#tapes = tapes
    this.early = new EarlyModel(settings, this.backlog, first => new TrainedModel(unitsOf(first), settings, tapes))
  }

  /** The model at work; nothing until the first has learned from the warm-up. */
  get model(): TrainedModel | undefined {
    return this.#model
  }

  /** Typical gap, seconds: the unit of time, or what the warm-up shows of it. */
  get typicalGap(): number {
    return (this.#model ?? this.backlog.model)?.normaliser.timeScale ?? this.backlog.typicalGap
  }

  /**
   * Keeps an observation that the model at work has taken.
   * @param doubted 1 where a value is not to be believed [channels].
   * @returns Its place in the backlog; −1 where nobody waits for it.
   */
  add(observation: Observation, doubted?: Float64Array): number {
    this.#recent?.add(observation, doubted)
    const isAwaited = this.#model === undefined || this.backlog.model !== undefined
    const index = isAwaited ? this.backlog.add(observation) : -1
    if (index + 1 < this.backlog.length) this.early.forget()
    return index
  }

  /** Takes the observation with this id out. @returns As `add`. */
  remove(id: string | undefined): number {
    this.#recent?.remove(id)
    const index = this.backlog.remove(id)
    if (index >= 0) this.early.forget()
    return index
  }

  /** Moves all times, so that `from` becomes `to`: the clock of the source was set. */
  shift(from: number, to: number): void {
    this.backlog.shift(from, to)
    this.early.forget()
    this.#model?.filter.labels.shift(from, to)
    this.#recent?.shift(from, to)
  }

  /**
   * After an observation was added: begins another model where one is due, and lets the one that has caught up take over.
   * @param leapt Was a value of it believed that is absurdly far from its prediction?
   */
  proceed(leapt = false): void {
    const units = this.#dueUnits(leapt)
    if (units) this.#begin(new TrainedModel(units, this.#settings, this.#tapes, this.early.end()))
    const next = this.backlog.proceed(units ? AT_ONCE : BESIDES)
    if (next === undefined) return
    if (this.#model) next.filter.counters.set(this.#model.filter.counters)
    this.#model = next
    this.early.forget()
  }

  save(): { readonly warmup: Saved; readonly trained: Saved; readonly recent: Saved; readonly next?: Saved } {
    const next = this.backlog.saveModel()
    return {
      warmup: this.backlog.save(),
      trained: this.#model?.save() ?? null,
      recent: this.#recent?.save() ?? null,
      ...(next !== null && { next }),
    }
  }

  restore(saved: Section): void {
    this.backlog.restore(saved.at('warmup'))
    const trained = saved.at('trained')
    if (!trained.isNull) {
      this.#model = this.#create(trained)
      this.#model.restore(trained)
    }
    // Only while a model is catching up.
    const next = saved.fields.get('next')
    if (next) this.backlog.restoreModel(this.#create(next.at('model')), next)
    const model = this.#model ?? this.backlog.model
    if (model) this.#recent = this.#createRecent(model)
    // Earlier checkpoints do not have it.
    const recent = saved.fields.get('recent')
    if (recent && !recent.isNull) this.#recent?.restore(recent)
  }

  /** One with the units of a saved one. */
  #create(saved: Section): TrainedModel {
    return new TrainedModel(Normaliser.restored(saved.at('normaliser')), this.#settings, this.#tapes)
  }

  #begin(model: TrainedModel): void {
    this.backlog.begin(model, this.#recent?.observations)
    if (this.#recent) return
    this.#recent = this.#createRecent(model)
    for (const observation of this.backlog.observations) this.#recent?.add(observation)
  }

  #createRecent({ filter: { model } }: TrainedModel): Recent | undefined {
    const { warmup, model: options } = this.#settings
    if (isCustom(options.dynamics)) return undefined
    const spans = Math.max(1, Math.min(SPANS, Math.floor(RELEARNED / (model.parameters.length * warmup))))
    return new Recent(spans * warmup, model.channels)
  }

  /**
   * Units of another model, where one is due: when the warm-up ends, and when the units of the youngest are found outgrown. That is
   * looked at often at first, then whenever nothing is left of what was looked at before, and when absurd values are believed.
   */
  #dueUnits(leapt: boolean): Normaliser | undefined {
    const { warmup } = this.#settings
    const { observations, model } = this.backlog
    const youngest = model ?? this.#model
    if (youngest === undefined) return observations.length === warmup ? unitsOf(observations) : undefined
    const recent = this.#recent
    if (recent === undefined) return undefined
    const spans = recent.taken / warmup
    if (!(leapt || spans === 2 || spans === 4 || spans % SPANS === 0)) return undefined
    const options = { span: warmup, leastSpread: LEAST_SPREAD, all: recent.complete }
    return outgrown(youngest.normaliser, recent.observations, options)
  }
}

function unitsOf(observations: readonly Observation[]): Normaliser {
  return Normaliser.fit(observations, { leastSpread: LEAST_SPREAD })
}

/** A channel that does not move during the warm-up gets this fraction of its value as unit. */
const LEAST_SPREAD = 0.4

/** The units are looked at over at most so many times the observations of a warm-up, */
const SPANS = 8
/** and no more than this many, times the parameters, are learned from anew. */
const RELEARNED = 160_000
