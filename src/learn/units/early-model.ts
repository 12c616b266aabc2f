import { type Observation, takeMeasured } from '../../observation.js'
import { Allowance, BESIDES } from '../allowance.js'
import type { LearnerSettings } from '../learner-settings.js'
import { isCustom } from '../model/custom-dynamics.js'
import type { TrainedModel } from '../trained-model.js'
import type { Filter } from '../window/filter.js'
import { FreshFilter } from '../window/fresh-filter.js'
import type { Backlog } from './backlog.js'

/**
 * What predicts in the later part of the warm-up: a model in the units of the first observations, whose filter begins anew for those of all of
 * them then. It is a function of the backlog alone and needs no place in checkpoints: what changes the
 * backlog, but for one more behind all others, makes it anew.
 */
export class EarlyModel {
  readonly #backlog: Backlog
  readonly #create: (first: readonly Observation[]) => TrainedModel
  /** A short warm-up needs none, a long one has too much to learn; a field of one's own is made once. */
  readonly #isWanted: boolean
  /** The first observations have shown that it would be too much work. */
  #isSlow = false
  #model: TrainedModel | undefined
  #fresh: FreshFilter | undefined
  /** An optimizer of one's own may keep what nobody can take from it. */
  readonly #isReusable: boolean
  /** So many of the backlog has it learned from. */
  #learned = 0
  #known: Float64Array = new Float64Array(0)

  /** @param create Makes one with units for these observations. */
  constructor(
    { warmup, model, optimizer }: LearnerSettings,
    backlog: Backlog,
    create: (first: readonly Observation[]) => TrainedModel,
  ) {
    this.#backlog = backlog
    this.#create = create
    this.#isReusable = optimizer.kind !== 'custom'
    this.#isWanted = warmup >= 2 * FIRST && warmup <= LONGEST && !isCustom(model.dynamics)
  }

  /** One that has learned all of the backlog; nothing while that is short, or when another learns from it. Not to be asked for where there is another at work. */
  get model(): TrainedModel | undefined {
    const { observations, model: next } = this.#backlog
    if (!this.#isWanted || this.#isSlow || next || observations.length < FIRST) return undefined
    this.#model ??= this.#begin(observations.slice(0, FIRST))
    while (this.#model && this.#learned < observations.length) this.#step(this.#model, observations[this.#learned]!)
    return this.#model
  }

  /** What it says of the next observation, before it learns from it; the caller adds that to the backlog. */
  predict(observation: Observation): readonly (number | null)[] | undefined {
    const { model } = this
    return model && this.#step(model, observation)
  }

  /** Ends here. @returns Its filter, as if it were new; nothing where there is none. */
  end(): Filter | undefined {
    const fresh = this.#model && this.#isReusable ? this.#fresh : undefined
    this.forget()
    return fresh?.restored()
  }

  /** The backlog has changed, or is of no use any more. */
  forget(): void {
    this.#model = this.#fresh = undefined
    this.#isSlow = false
  }

  /** Nothing where these alone are more work than may be done besides. */
  #begin(first: readonly Observation[]): TrainedModel | undefined {
    const model = this.#create(first)
    const { length } = model.filter.model.parameters
    this.#fresh = new FreshFilter(model.filter)
    const allowance = new Allowance(BESIDES, model.filter, length)
    this.#learned = 0
    this.#known = new Float64Array(model.normaliser.mean.length).fill(Number.NaN)
    for (const observation of first) {
      this.#isSlow = length > MOST || allowance.isSpent
      if (this.#isSlow) return undefined
      this.#step(model, observation)
    }
    return model
  }

  #step(model: TrainedModel, observation: Observation): readonly (number | null)[] {
    const { predicted } = model.step(observation, this.#known)
    takeMeasured(observation.y, this.#known)
    this.#learned++
    return predicted
  }
}

/** Observations that its units are estimated from, if the warm-up is at least twice as long. */
const FIRST = 12
/** A longer warm-up needs none either: whenever something in it changes, all of it would be learned anew at once. */
const LONGEST = 80
/** Parameters; their covariance takes time that evaluations do not show. */
const MOST = 1000
