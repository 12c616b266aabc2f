import { ContraflowError } from '../errors.js'
import type { Observation } from '../observation.js'

/** @throws ContraflowError TIME_NOT_MONOTONE, OBSERVATION_NOT_FINITE. NaN is fine among the values: the channel was not measured. */
export function checkFinite({ t, y }: Observation): void {
  if (!Number.isFinite(t))
    throw new ContraflowError('TIME_NOT_MONOTONE', { received: `t=${t}`, expected: 'a finite time' })
  const i = y.findIndex(value => Math.abs(value) === Number.POSITIVE_INFINITY)
  if (i >= 0) throw new ContraflowError('OBSERVATION_NOT_FINITE', { received: `y[${i}]=${y[i]}` })
}
