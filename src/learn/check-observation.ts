import { ContraflowError } from '../errors.js'
import type { Observation } from '../observation.js'
import type { LearnerSettings } from './learner-settings.js'
import { stateDimension } from './model/custom-dynamics.js'

/**
 * Can a learner use it? NaN is fine among the values: the channel was not measured.
 * @param known Last measured values [channels]; undefined before the first observation, which says how many channels there are.
 * @returns The last measured values: nothing but NaN where there was none before.
 * @throws ContraflowError TIME_NOT_MONOTONE, OBSERVATION_NOT_FINITE, DIMENSION_MISMATCH.
 */
export function checkObservation(
  { t, y }: Observation,
  known: Float64Array | undefined,
  { model: { augment, dynamics } }: LearnerSettings,
): Float64Array {
  if (!Number.isFinite(t))
    throw new ContraflowError('TIME_NOT_MONOTONE', { received: `t=${t}`, expected: 'a finite time' })
  const i = y.findIndex(value => Math.abs(value) === Number.POSITIVE_INFINITY)
  if (i >= 0) throw new ContraflowError('OBSERVATION_NOT_FINITE', { received: `y[${i}]=${y[i]}` })
  if (known === undefined) {
    stateDimension(y.length, augment, dynamics)
    return new Float64Array(y.length).fill(Number.NaN)
  }
  if (y.length === known.length) return known
  throw new ContraflowError('DIMENSION_MISMATCH', {
    received: `${y.length} channels`,
    expected: `${known.length}, as before`,
  })
}
