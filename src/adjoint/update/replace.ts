import { isMeasured } from '../../observation.js'
import type { UpdateMap } from './update-map.js'

/** Measured channels take the measured value; the rest of the state stays. */
export function replace(): UpdateMap {
  return {
    parameters: new Float64Array(0),
    apply(z, y, zPlus) {
      zPlus.set(z)
      for (let j = 0; j < y.length; j++) if (isMeasured(y[j]!)) zPlus[j] = y[j]!
    },
    vjp(_z, y, a, _aphi, ay) {
      for (let j = 0; j < y.length; j++) {
        if (!isMeasured(y[j]!)) continue
        if (ay) ay[j]! += a[j]!
        a[j] = 0
      }
    },
  }
}
