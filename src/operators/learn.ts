import { filter, map, type OperatorFunction } from 'rxjs'
import { ContraflowError } from '../errors.js'
import type { Estimate } from '../estimate.js'
import type { Learner } from '../learn/learner.js'
import type { Observation } from '../observation.js'

/** What becomes of observations that the learner cannot take. */
export interface LearnOptions {
  /** Gets what the learner cannot take (wrong number of channels, time going back); without it the stream ends in the error. */
  readonly refused?: (error: ContraflowError, observation: Observation) => void
}

/**
 * Observation → estimate: predicted before it is used, learned from at once, synchronously.
 *
 *     observations   --a-----b--c---|
 *     estimates      --A-----B--C---|
 *
 * The learner lives outside the stream: a new subscription goes on where the last one stopped.
 */
export function learn(learner: Learner, { refused }: LearnOptions = {}): OperatorFunction<Observation, Estimate> {
  const observe = (observation: Observation): Estimate | undefined => {
    try {
      return learner.observe(observation)
    } catch (error) {
      if (!(error instanceof ContraflowError && refused)) throw error
      refused(error, observation)
      return undefined
    }
  }
  return source =>
    source.pipe(
      map(observe),
      filter(estimate => estimate !== undefined),
    )
}
