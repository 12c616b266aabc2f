import type { VectorField } from '../field/vector-field.js'
import type { Tableau } from './tableau.js'
import type { TapeStep } from './tape.js'

/**
 * Fills the states and slopes of one explicit step from z [d] at step.t over step.h.
 * @param firstKnown The first slope is there already (first same as last, or the step is tried again shorter).
 * @returns Evaluations of f.
 */
export function explicitStages(
  field: VectorField,
  method: Tableau,
  z: Float64Array,
  step: TapeStep,
  firstKnown: boolean,
): number {
  const { t, h, states, slopes } = step
  states[0]!.set(z)
  if (!firstKnown) field.evaluate(t, states[0]!, slopes[0]!)
  for (let s = 1; s < method.stages; s++) {
    combine(z, h, method.a, s * method.stages, s, slopes, states[s]!)
    field.evaluate(t + method.c[s]! * h, states[s]!, slopes[s]!)
  }
  return method.stages - (firstKnown ? 1 : 0)
}

/** out = z + h Σ_{j<count} coefficients[offset + j] · slopes[j]. */
export function combine(
  z: Float64Array,
  h: number,
  coefficients: Float64Array,
  offset: number,
  count: number,
  slopes: readonly Float64Array[],
  out: Float64Array,
): void {
  for (let i = 0; i < out.length; i++) {
    let sum = 0
    for (let j = 0; j < count; j++) sum += coefficients[offset + j]! * slopes[j]![i]!
    out[i] = z[i]! + h * sum
  }
}
