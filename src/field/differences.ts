import type { Mapping } from './mapping.js'

/** Balances truncation, h², and rounding, ε/h, of a function whose size and scale are near one. */
const STEP = 6e-6

/**
 * The vjp of a map by central differences, for maps without one of their own. Accurate to about 1e-9 relative where the map is
 * smooth and of the size of its inputs. Cost: 2 (inputs + p) evaluations, two more when it depends on time.
 */
export function differenceVjp(map: Omit<Mapping, 'vjp'>): Mapping['vjp'] {
  const up = new Float64Array(map.outputs)
  const down = new Float64Array(map.outputs)
  const x = new Float64Array(map.inputs)

  const slope = (a: Float64Array, width: number) => {
    let sum = 0
    for (let i = 0; i < a.length; i++) sum += a[i]! * (up[i]! - down[i]!)
    return sum / width
  }
  /** aᵀ∂g/∂v[i], v changed in place and put back. */
  const along = (v: Float64Array, i: number, a: Float64Array, t: number) => {
    const value = v[i]!
    const h = STEP * Math.max(1, Math.abs(value))
    v[i] = value + h
    const high = v[i]!
    map.evaluate(t, x, up)
    v[i] = value - h
    const low = v[i]!
    map.evaluate(t, x, down)
    v[i] = value
    return slope(a, high - low)
  }
  return (t, at, a, ax, atheta) => {
    x.set(at)
    for (let i = 0; i < x.length; i++) ax[i]! += along(x, i, a, t)
    for (let i = 0; i < atheta.length; i++) atheta[i]! += along(map.parameters, i, a, t)
    if (!(map.timeDependent ?? true)) return 0
    const h = STEP * Math.max(1, Math.abs(t))
    map.evaluate(t + h, x, up)
    map.evaluate(t - h, x, down)
    return slope(a, t + h - (t - h))
  }
}
