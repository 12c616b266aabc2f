import { power } from '../../elementary.js'
import type { VectorField } from '../../field/vector-field.js'

/**
 * A first step whose explicit Euler increment and curvature are small against the tolerance. One evaluation.
 * @param slope f(t, z) [d]. @param direction 1 forward, −1 backward. @param options `order` is that of the local error estimate.
 * @returns Magnitude of the step, positive.
 * @see Hairer, Nørsett, Wanner I, II.4, "Starting step size".
 */
export function initialStep(
  field: VectorField,
  start: { readonly t: number; readonly z: Float64Array; readonly slope: Float64Array },
  direction: number,
  options: { readonly order: number; readonly rtol: number; readonly atol: number },
): number {
  const { t, z, slope } = start
  const scale = z.map(value => options.atol + options.rtol * Math.abs(value))
  const norm = (v: Float64Array) => Math.sqrt(v.reduce((sum, x, i) => sum + (x / scale[i]!) ** 2, 0) / v.length)
  const d0 = norm(z)
  const d1 = norm(slope)
  const h0 = d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : (0.01 * d0) / d1
  const probe = z.map((value, i) => value + direction * h0 * slope[i]!)
  const change = new Float64Array(z.length)
  field.evaluate(t + direction * h0, probe, change)
  const d2 = norm(change.map((value, i) => value - slope[i]!)) / h0
  const steepest = Math.max(d1, d2)
  const h1 = steepest <= 1e-15 ? Math.max(1e-6, h0 * 1e-3) : power(0.01 / steepest, 1 / options.order)
  const h = Math.min(100 * h0, h1)
  return h > 0 && h < Infinity ? h : 1e-6
}
