/** The classical fourth-order method in equal steps of about `step`: a reference that shares nothing with the engine. */
export function rungeKutta(
  f: (z: Float64Array, dz: Float64Array) => void,
  start: Float64Array,
  duration: number,
  step: number,
): Float64Array {
  const steps = Math.max(1, Math.ceil(duration / step))
  const h = duration / steps
  let z = start
  const slope = (at: Float64Array) => {
    const dz = new Float64Array(at.length)
    f(at, dz)
    return dz
  }
  for (let n = 0; n < steps; n++) {
    const here = z
    const k1 = slope(here)
    const k2 = slope(here.map((x, i) => x + (h / 2) * k1[i]!))
    const k3 = slope(here.map((x, i) => x + (h / 2) * k2[i]!))
    const k4 = slope(here.map((x, i) => x + h * k3[i]!))
    z = here.map((x, i) => x + (h / 6) * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!))
  }
  return z
}
