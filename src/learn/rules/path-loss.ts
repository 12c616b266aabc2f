import type { PathLoss } from '../../adjoint/solve-adjoint.js'
import { isMeasured } from '../../observation.js'
import { type Loss, squared } from './losses.js'

/** Which loss, of which observations, with which weights. */
export interface PathLossOptions {
  /** Of each measured channel, of residual z_c − y_c. */
  readonly loss: Loss
  /** Observations. */
  readonly length: number
  /** y_i, the observed channels first components of z; NaN where nothing was measured. */
  observed(index: number): Float64Array
  /** w_i. Default 1. */
  readonly weight?: (index: number) => number
  /** What the sum is divided by. Default the number of measured values. */
  readonly divisor?: number
}

/** L = Σ_i w_i Σ_c l(z_c(t_i) − y_ic) / divisor over the measured values: a missing channel has no loss and no gradient. */
export function pathLoss({ loss, length, observed, weight = () => 1, divisor }: PathLossOptions): PathLoss {
  const scale = 1 / (divisor ?? Math.max(1, countMeasured(length, observed)))
  const each = (index: number, visit: (y: number, c: number, w: number) => void) => {
    const y = observed(index)
    const w = weight(index) * scale
    for (let c = 0; c < y.length; c++) if (isMeasured(y[c]!)) visit(y[c]!, c, w)
  }
  return {
    value(index, z) {
      let sum = 0
      each(index, (y, c, w) => {
        sum += w * loss.value(z[c]! - y, c)
      })
      return sum
    },
    inject(index, z, a) {
      each(index, (y, c, w) => {
        a[c]! += w * loss.slope(z[c]! - y, c)
      })
    },
    injectObserved(index, z, ay) {
      each(index, (y, c, w) => {
        ay[c]! -= w * loss.slope(z[c]! - y, c)
      })
    },
  }
}

/** L = (1/N) Σ_i w_i Σ_c (z_c(t_i) − y_ic)²: N observations, missing channels skipped. */
export function squaredPathLoss(observed: readonly Float64Array[], weights: readonly number[]): PathLoss {
  return pathLoss({
    loss: squared,
    length: observed.length,
    observed: index => observed[index]!,
    weight: index => weights[index]!,
    divisor: observed.length,
  })
}

/** Values measured in the first `length` observations. */
export function countMeasured(length: number, observed: (index: number) => Float64Array): number {
  let count = 0
  for (let index = 0; index < length; index++) {
    const y = observed(index)
    for (let j = 0; j < y.length; j++) if (isMeasured(y[j]!)) count++
  }
  return count
}
