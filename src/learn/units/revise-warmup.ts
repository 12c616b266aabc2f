import type { Estimate } from '../../estimate.js'
import type { Observation } from '../../observation.js'
import { waiting } from './waiting.js'
import type { Warmup } from './warmup.js'

/**
 * Takes an observation that came late, a correction or a retraction into the warm-up, where nothing has been learned yet.
 * @param known Last measured values [channels]; set to what they are afterwards.
 * @returns The estimate of persistence; undefined, and nothing has changed, when there is no such id.
 */
export function reviseWarmup(warmup: Warmup, observation: Observation, known: Float64Array): Estimate | undefined {
  const { revision, arrival: _, ...plain } = observation
  const removed = revision ? warmup.remove(observation.id) : 0
  if (removed < 0) return undefined
  const retracts = revision === 'retract'
  const index = retracts ? removed : warmup.add(plain)
  const before = warmup.knownBefore(index, known.length)
  known.set(warmup.knownBefore(warmup.length, known.length))
  const y = retracts ? known.map(() => Number.NaN) : observation.y
  const estimate = waiting(observation, y, before)
  return { ...estimate, revision: retracts ? 'retracted' : revision ? 'corrected' : 'late' }
}
