import { connect, map, merge, type OperatorFunction, pipe, tap } from 'rxjs'
import type { PipelineConfig } from '../../src/config/pipeline.js'
import type { Estimate, Forecast } from '../../src/estimate.js'
import { Learner } from '../../src/learn/learner.js'
import type { LearnerOptions } from '../../src/learn/learner-options.js'
import { PrequentialScore } from '../../src/learn/prequential-score.js'
import type { Observation } from '../../src/observation.js'
import { SharedTapes } from '../../src/ode/solution/shared-tapes.js'
import { forecast, forecastOf } from '../../src/operators/forecast.js'
import { learn } from '../../src/operators/learn.js'
import { markStuck } from '../../src/operators/mark-stuck.js'
import { perKey } from '../../src/operators/per-key.js'
import { StateKeeper } from '../../src/operators/state-keeper.js'
import type { Saved } from '../../src/saved.js'
import type { Section } from '../../src/section.js'
import type { Storable } from '../../src/storable.js'
import { eventTime } from '../time/event-time.js'
import { type Outgoing, outgoing } from './outgoing.js'
import type { Refuse } from './refuse.js'
import { learnerOptionsOf, type TensorParts } from './tensor-parts.js'

/**
 * What a pipeline file makes of observations: a learner for every key, with order, forecasts and scores. Knows neither feeds nor
 * sinks nor clocks, so that a worker thread can run it as well as the main one.
 */
export class KeyLearners implements Storable {
  readonly learners = new Map<string, Learner>()
  /** Running scores by key. */
  readonly scores = new Map<string, PrequentialScore>()
  readonly #config: PipelineConfig
  readonly #refuse: Refuse
  readonly #options: LearnerOptions
  readonly #tapes = new SharedTapes()
  /** The state of each key, in the order in which they came. */
  readonly #keepers = new Map<string, StateKeeper>()

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
      perKey(key => this.#learnKey(key), { maxKeys, refused, open: [...this.#keepers.keys()] }),
      map(outgoing),
    )
  }

  /** Does this when all that came before has been passed on: at once. */
  inOrder(act: () => void): void {
    act()
  }

  /** A forecast made now, of a key that is known; changes nothing. */
  forecast(key: string, horizon: number, points: number): Forecast | undefined {
    const learner = this.learners.get(key)
    return learner && forecastOf(learner, key, { horizon, points })
  }

  save(): Saved {
    return Array.from(this.#keepers, ([key, keeper]) => ({ key, parts: keeper.save() }))
  }

  /** Called before `learn`. */
  restore(saved: Section): void {
    for (const key of saved.list) this.#keepers.set(key.at('key').text, new StateKeeper(key.at('parts')))
  }

  #learnKey(key: string): OperatorFunction<Observation, Estimate | Forecast> {
    const { forecast: ahead } = this.#config
    const learner = new Learner(this.#options, this.#tapes)
    const score = new PrequentialScore()
    const keeper = this.#keepers.get(key) ?? new StateKeeper()
    this.#keepers.set(key, keeper)
    keeper.add('learner', learner)
    keeper.add('score', score)
    this.learners.set(key, learner)
    this.scores.set(key, score)
    return source => {
      const estimates = source.pipe(
        eventTime(this.#config, this.#refuse, part => keeper.keep(part)),
        learn(learner, {
          refused: (error, observation) => this.#refuse(error.code, observation),
          late: observation => this.#refuse('OBSERVATION_LATE', observation),
          unknown: observation => this.#refuse('OBSERVATION_UNKNOWN', observation),
        }),
        markStuck({ keep: keeper.keep('repeats') }),
        tap(estimate => score.observe(estimate)),
      )
      if (ahead === undefined) return estimates
      const forecasts = forecast(learner, { ...ahead, keep: keeper.keep('forecast') })
      return estimates.pipe(connect(shared => merge(shared, shared.pipe(forecasts))))
    }
  }
}
