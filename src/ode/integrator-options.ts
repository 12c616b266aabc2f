import { ContraflowError } from '../errors.js'
import type { VectorField } from '../field/vector-field.js'
import { requireOption } from '../require-option.js'
import { firstTableau, type Method } from './method.js'
import type { StepControlOptions } from './steps/step-control.js'

/** Method, tolerances and step control of an integrator. */
export interface IntegratorOptions {
  /** What it steps with; of a switching method the pair. */
  readonly method: Method
  /** Relative tolerance of the local error, by component. Default 1e-6. */
  readonly rtol?: number
  /** Absolute tolerance, in the unit of the state. Default 1e-9. */
  readonly atol?: number
  /** Fixed steps of at most this length, equal between two stops; needed by methods without an error estimate. */
  readonly step?: number
  /** Steps allowed between two stops, rejected ones included. Default 10 000. */
  readonly maxSteps?: number
  /** How the step size follows the error. Default that of DOPRI5. */
  readonly control?: StepControlOptions
  /** Components that enter the error norm, from the first; default all. */
  readonly normed?: number
}

/** Options with every default filled in. */
export interface IntegratorSettings {
  readonly method: Method
  readonly rtol: number
  readonly atol: number
  readonly step: number | undefined
  readonly maxSteps: number
  readonly normed: number
  readonly control: StepControlOptions | undefined
}

/**
 * Fills in what is left out, for this field.
 * @throws ContraflowError OPTION_INVALID as `requireIntegratorOptions`, and for more normed components than the field has.
 */
export function integratorSettings(field: VectorField, options: IntegratorOptions): IntegratorSettings {
  requireIntegratorOptions(options)
  const { method, rtol = 1e-6, atol = 1e-9, step, maxSteps = 10_000, normed = field.dimension, control } = options
  requireOption(
    'normed',
    normed,
    Number.isInteger(normed) && normed >= 1 && normed <= field.dimension,
    `1 to ${field.dimension}, the dimension of the field`,
  )
  return { method, rtol, atol, step, maxSteps, normed, control }
}

/**
 * What can be said of options without a field.
 * @throws ContraflowError OPTION_INVALID for a tolerance, step or budget that is not positive, and for adaptive steps of a method without an
 * error estimate.
 */
export function requireIntegratorOptions({ method, rtol, atol, step, maxSteps }: IntegratorOptions): void {
  for (const [name, value] of Object.entries({ rtol, atol, step, maxSteps }))
    requireOption(name, value, value === undefined || (value > 0 && value < Infinity), `a positive, finite ${name}`)
  requireOption('maxSteps', maxSteps, maxSteps === undefined || maxSteps >= 1, 'at least 1')
  if (!firstTableau(method).adaptive && step === undefined)
    throw new ContraflowError('OPTION_INVALID', {
      received: `method ${method.name} without step`,
      expected: 'a fixed step, because the method has no error estimate',
    })
}
