import { type Observation, takeMeasured } from '../../observation.js'
import { Allowance, BESIDES } from '../allowance.js'
import type { LearnerSettings } from '../learner-settings.js'
import { isCustom } from '../model/custom-dynamics.js'
import type { TrainedModel } from '../trained-model.js'
import type { Backlog } from './backlog.js'

/**
 * What predicts in the later part of the warm-up, and until the model of the warm-up has learned: a model in the units of the first
 * observations, which is thrown away then. It is a function of the backlog alone and needs no place in checkpoints: what changes the
 * backlog, but for one more behind all others, makes it anew.
 */
export class EarlyModel {
  readonly #backlog: Backlog
  readonly #create: (first: readonly Observation[]) => TrainedModel
  /** A short warm-up needs none; a field of one's own is made once. */
  readonly #isWanted: boolean
  /** The first observations have shown that it would be too much work. */
  #isSlow = false
  #model: TrainedModel | undefined
  /** So many of the backlog has it learned from. */
  #learned = 0
  #known: Float64Array = new Float64Array(0)

  /** @param create Makes one with units for these observations. */
  constructor(
    { warmup, model }: LearnerSettings,
    backlog: Backlog,
    create: (first: readonly Observation[]) => TrainedModel,
  ) {
    this.#backlog = backlog
    this.#create = create
    this.#isWanted = warmup >= 2 * FIRST && !isCustom(model.dynamics)
  }

  /** One that has learned all of the backlog; nothing while that is short. Not to be asked for where there is another model. */
  get model(): TrainedModel | undefined {
    const { observations } = this.#backlog
    if (!this.#isWanted || this.#isSlow || observations.length < FIRST) return undefined
    this.#model ??= this.#begin(observations.slice(0, FIRST))
    while (this.#model && this.#learned < observations.length) this.#step(this.#model, observations[this.#learned]!)
    return this.#model
  }

  /** What it says of the next observation, before it learns from it; the caller adds that to the backlog. */
  predict(observation: Observation): readonly (number | null)[] | undefined {
    const { model } = this
    return model && this.#step(model, observation)
  }

  /** The backlog has changed, or is of no use any more. */
  forget(): void {
    this.#model = undefined
    this.#isSlow = false
  }

  /** Nothing where these alone are more work than may be done besides. */
  #begin(first: readonly Observation[]): TrainedModel | undefined {
    const model = this.#create(first)
    const { length } = model.filter.model.parameters
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
/** Parameters; their covariance takes time that evaluations do not show. */
const MOST = 1000
