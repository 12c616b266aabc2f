import type { VectorField } from '../field/vector-field.js'
import { ADJOINT_NAMES, type AdjointName } from '../names.js'
import type { IntegratorOptions } from '../ode/integrator-options.js'
import { requireName } from '../require-option.js'
import type { Adjoint } from './adjoint.js'
import { BacksolveSolver } from './backsolve.js'
import { ContinuousAdjoint } from './continuous.js'
import { DiscreteAdjoint } from './discrete.js'
import { InterpolatingSolver } from './interpolating.js'

/** Options of the forward solver, and how it meets observations. */
interface AdjointOptions extends IntegratorOptions {
  readonly meet?: 'land' | 'interpolate'
}

/** @param options Of the forward solver; the continuous adjoints solve backward with the same. */
export function createAdjoint(name: AdjointName, field: VectorField, options: AdjointOptions): Adjoint {
  requireName('adjoint', name, ADJOINT_NAMES)
  switch (name) {
    case 'discrete':
      return new DiscreteAdjoint(field, options.meet === 'interpolate')
    case 'interpolating':
      return new ContinuousAdjoint(field, new InterpolatingSolver(field, options))
    case 'backsolve':
      return new ContinuousAdjoint(field, new BacksolveSolver(field, options))
    default:
      return name satisfies never
  }
}
