import { filter, map, type OperatorFunction } from 'rxjs'
import { ContraflowError } from '../errors.js'
import type { Estimate } from '../estimate.js'
import type { Learner } from '../learn/learner.js'
import type { Observation } from '../observation.js'
import { requireKnown } from '../require-option.js'

/** What becomes of observations that the learner cannot take. */
export interface LearnOptions {
  /** Gets what the learner cannot take (wrong number of channels, time going back); without it the stream ends in the error. */
  readonly refused?: (error: ContraflowError, observation: Observation) => void
  /** Gets late observations that are older than the learner's window. Without it they are dropped. */
  readonly late?: (observation: Observation) => void
  /** Gets corrections and retractions of what the learner's window does not have. Without it they are dropped. */
  readonly unknown?: (observation: Observation) => void
}

/**
 * Observation → estimate: predicted before it is used, learned from at once, synchronously.
 *
 *     observations   --a-----b--c---|
 *     estimates      --A-----B--C---|
 *
 * What `reorder` has marked as late is learned where it belongs in the learner's window, and so is what a correction has moved
 * another one past; corrections and retractions change what is in it. The learner lives outside the stream: a new subscription goes on where the last one stopped.
 * @throws ContraflowError OPTION_INVALID for an option that it does not know.
 */
export function learn(learner: Learner, options: LearnOptions = {}): OperatorFunction<Observation, Estimate> {
  requireKnown('learn', options, ['refused', 'late', 'unknown'] satisfies (keyof LearnOptions)[])
  const { refused, late, unknown } = options
  const take = (observation: Observation): Estimate | undefined => {
    const { revision, arrival, t } = observation
    // A correction may have moved the newest one on, past those that follow it.
    const overtaken = arrival === undefined && t < learner.time && t >= learner.orderedTime
    if (revision === undefined && arrival !== 'late' && !overtaken) return learner.observe(observation)
    const estimate = learner.revise(observation)
    if (estimate === undefined) (revision ? unknown : late)?.(observation)
    return estimate
  }
  const observe = (observation: Observation): Estimate | undefined => {
    try {
      return take(observation)
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
