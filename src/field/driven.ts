import { ContraflowError } from '../errors.js'
import type { Mapping } from './mapping.js'
import type { Signal } from './signal.js'
import type { VectorField } from './vector-field.js'

/**
 * z' = g(t, [z, u(t)]; θ) with known inputs u, signals that arrive at times of their own.
 * @param mapping d + m inputs, d outputs, for a signal of m channels.
 */
export function driven(mapping: Mapping, signal: Signal): VectorField {
  const d = mapping.outputs
  const m = signal.channels
  if (mapping.inputs !== d + m)
    throw new ContraflowError('DIMENSION_MISMATCH', {
      received: `a mapping with ${mapping.inputs} inputs and ${d} outputs`,
      expected: `${d + m} inputs: the state and ${m} signals`,
    })
  const x = new Float64Array(d + m)
  const ax = new Float64Array(d + m)
  const u = x.subarray(d)
  const slope = new Float64Array(m)
  return {
    dimension: d,
    parameters: mapping.parameters,
    timeDependent: true,
    prepare: () => mapping.prepare?.(),
    gather: atheta => mapping.gather?.(atheta),
    settle: () => mapping.settle?.(),
    evaluate(t, z, dz) {
      x.set(z)
      signal.value(t, u)
      mapping.evaluate(t, x, dz)
    },
    vjp(t, z, a, az, atheta) {
      x.set(z)
      signal.value(t, u)
      ax.fill(0)
      let at = mapping.vjp(t, x, a, ax, atheta)
      for (let i = 0; i < d; i++) az[i]! += ax[i]!
      signal.slope(t, slope)
      for (let j = 0; j < m; j++) at += ax[d + j]! * slope[j]!
      return at
    },
  }
}
