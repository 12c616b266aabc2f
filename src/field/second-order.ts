import { ContraflowError } from '../errors.js'
import type { Mapping } from './mapping.js'
import type { VectorField } from './vector-field.js'

/**
 * q'' = g(t, [q, v]; θ) as a field of first order: z = [q, v], z' = [v, g(t, z)]. The velocity is what it is called, and only the
 * acceleration is learned.
 * @param acceleration 2n inputs, n outputs.
 */
export function secondOrder(acceleration: Mapping): VectorField {
  const n = acceleration.outputs
  if (acceleration.inputs !== 2 * n)
    throw new ContraflowError('DIMENSION_MISMATCH', {
      received: `an acceleration with ${acceleration.inputs} inputs and ${n} outputs`,
      expected: 'twice as many inputs (positions and velocities) as outputs',
    })
  const force = new Float64Array(n)
  const a = new Float64Array(n)
  return {
    dimension: 2 * n,
    parameters: acceleration.parameters,
    timeDependent: acceleration.timeDependent ?? true,
    prepare: () => acceleration.prepare?.(),
    gather: atheta => acceleration.gather?.(atheta),
    settle: () => acceleration.settle?.(),
    evaluate(t, z, dz) {
      acceleration.evaluate(t, z, force)
      for (let i = 0; i < n; i++) {
        dz[i] = z[n + i]!
        dz[n + i] = force[i]!
      }
    },
    vjp(t, z, adjoint, az, atheta) {
      for (let i = 0; i < n; i++) {
        a[i] = adjoint[n + i]!
        az[n + i]! += adjoint[i]!
      }
      return acceleration.vjp(t, z, a, az, atheta)
    },
  }
}
