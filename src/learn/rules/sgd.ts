import { requireOption } from '../../require-option.js'
import type { Optimizer } from './optimizer.js'

/** Rate and momentum of gradient descent. */
export interface SgdOptions {
  /** Default 0.01. */
  readonly rate?: number
  /** Default 0.9. */
  readonly momentum?: number
}

/** Gradient descent with momentum: v ← μ v + g, θ ← θ − rate · v. @see Polyak 1964, doi:10.1016/0041-5553(64)90137-5. */
export function sgd(length: number, { rate = 0.01, momentum = 0.9 }: SgdOptions = {}): Optimizer {
  requireOption('rate', rate, rate >= 0 && Number.isFinite(rate), 'a number of at least 0')
  requireOption('momentum', momentum, momentum >= 0 && momentum < 1, 'at least 0, less than 1')
  const velocity = new Float64Array(length)
  return {
    state: { velocity },
    update(parameters, gradient) {
      for (let i = 0; i < length; i++) {
        velocity[i] = momentum * velocity[i]! + gradient[i]!
        parameters[i]! -= rate * velocity[i]!
      }
    },
  }
}
