import type { UpdateMap } from './update-map.js'

/** z⁺ = z⁻: observations are compared with the state, but do not change it. */
export function none(): UpdateMap {
  return {
    parameters: new Float64Array(0),
    passive: true,
    apply: (z, _y, zPlus) => zPlus.set(z),
    vjp() {},
  }
}
