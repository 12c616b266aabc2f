import type { Estimate } from '../../estimate.js'
import type { Observation } from '../../observation.js'
import type { Succession } from './succession.js'
import { waiting } from './waiting.js'

/**
 * Takes an observation that came late, a correction or a retraction into the warm-up, where nothing has been learned yet.
 * @param known Last measured values [channels]; set to what they are afterwards.
 * @returns The estimate of persistence; undefined, and nothing has changed, when there is no such id.
 */
export function reviseWarmup(
  succession: Succession,
  observation: Observation,
  known: Float64Array,
): Estimate | undefined {
  const { backlog } = succession
  const { revision, arrival: _, ...plain } = observation
  const removed = revision ? succession.remove(observation.id) : 0
  if (removed < 0) return undefined
  const retracts = revision === 'retract'
  const index = retracts ? removed : succession.add(plain)
  const before = backlog.knownBefore(index, known.length)
  known.set(backlog.knownBefore(backlog.length, known.length))
  const y = retracts ? known.map(() => Number.NaN) : observation.y
  const estimate = waiting(observation, y, before)
  return { ...estimate, revision: retracts ? 'retracted' : revision ? 'corrected' : 'late' }
}
