import { isMeasured } from '../observation.js'
import type { PathLoss } from './solve-adjoint.js'

/** L = (1/N) Σ_i w_i Σ_c (z_c(t_i) − y_ic)²: N observations, missing channels skipped. */
export function squaredPathLoss(observed: readonly Float64Array[], weights: readonly number[]): PathLoss {
  const n = observed.length
  return {
    value(index, z) {
      let sum = 0
      observed[index]!.forEach((y, c) => {
        if (isMeasured(y)) sum += (z[c]! - y) ** 2
      })
      return (weights[index]! * sum) / n
    },
    inject(index, z, a) {
      observed[index]!.forEach((y, c) => {
        if (isMeasured(y)) a[c]! += (2 * weights[index]! * (z[c]! - y)) / n
      })
    },
  }
}
