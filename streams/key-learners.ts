import { connect, map, merge, type OperatorFunction, pipe, tap } from 'rxjs'
import type { PipelineConfig } from '../src/config/pipeline.js'
import type { ErrorCode } from '../src/errors.js'
import type { Estimate, Forecast } from '../src/estimate.js'
import { Learner } from '../src/learn/learner.js'
import type { LearnerOptions } from '../src/learn/learner-options.js'
import { PrequentialScore } from '../src/learn/prequential-score.js'
import type { Observation } from '../src/observation.js'
import { SharedTapes } from '../src/ode/shared-tapes.js'
import { forecast, forecastOf } from '../src/operators/forecast.js'
import { learn } from '../src/operators/learn.js'
import { perKey } from '../src/operators/per-key.js'
import { reorder } from '../src/operators/reorder.js'
import { type Outgoing, outgoing } from './outgoing.js'
import { learnerOptionsOf, type TensorParts } from './tensor-parts.js'

/** Gets an observation that was not learned, and why. */
export type Refuse = (code: ErrorCode, observation: Observation) => void

/**
 * What a pipeline file makes of observations: a learner for every key, with order, forecasts and scores. Knows neither feeds nor
 * sinks nor clocks, so that a worker thread can run it as well as the main one.
 */
export class KeyLearners {
  readonly learners = new Map<string, Learner>()
  /** Running scores by key. */
  readonly scores = new Map<string, PrequentialScore>()
  readonly #config: PipelineConfig
  readonly #refuse: Refuse
  readonly #options: LearnerOptions
  readonly #tapes = new SharedTapes()

  /** @param tensors What `loadTensorParts` gave for this file. */
  constructor(config: PipelineConfig, refuse: Refuse, tensors: TensorParts = {}) {
    this.#config = config
    this.#options = learnerOptionsOf(config, tensors)
    this.#refuse = refuse
  }

  /** Observations of any keys → estimates and forecasts. */
  learn(): OperatorFunction<Observation, Outgoing> {
    const { maxKeys = 10_000 } = this.#config.learn ?? {}
    const refused = (observation: Observation) => this.#refuse('KEYS_EXHAUSTED', observation)
    return pipe(
      perKey(key => this.#learnKey(key), { maxKeys, refused }),
      map(outgoing),
    )
  }

  /** A forecast made now, of a key that is known; changes nothing. */
  forecast(key: string, horizon: number, points: number): Forecast | undefined {
    const learner = this.learners.get(key)
    return learner && forecastOf(learner, key, { horizon, points })
  }

  #learnKey(key: string): OperatorFunction<Observation, Estimate | Forecast> {
    const { learn: { allowedLateness = 0 } = {}, forecast: ahead } = this.#config
    const learner = new Learner(this.#options, this.#tapes)
    const score = new PrequentialScore()
    this.learners.set(key, learner)
    this.scores.set(key, score)
    return source => {
      const estimates = source.pipe(
        reorder({ allowedLateness, late: observation => this.#refuse('OBSERVATION_LATE', observation) }),
        learn(learner, { refused: (error, observation) => this.#refuse(error.code, observation) }),
        tap(estimate => score.observe(estimate)),
      )
      return ahead ? estimates.pipe(connect(shared => merge(shared, shared.pipe(forecast(learner, ahead))))) : estimates
    }
  }
}
