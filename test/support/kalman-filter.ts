import type { VectorField } from '../../src/field/vector-field.js'
import { isMeasured } from '../../src/observation.js'
import { Integrator } from '../../src/ode/integrator.js'
import { methods } from '../../src/ode/methods/index.js'
import type { SimulatedSystem } from '../../streams/simulate/systems.js'

/**
 * An extended Kalman filter that knows the equations and the noise: what nobody who has to learn them can beat. State and
 * transition matrix Φ (Φ' = J Φ, J by central differences) are integrated together; `inflation` is process noise a step, as a
 * share of the measurement variance, without which the filter grows overconfident on a chaotic system and diverges.
 */
export class KnowingFilter {
  readonly #variance: number
  readonly #inflation: number
  readonly #integrator: Integrator
  readonly #d: number
  /** z, then Φ row-major. */
  readonly #joint: Float64Array
  #covariance: Float64Array
  #time: number

  /** @param start State at the first observation; its uncertainty is `spread`, a standard deviation a dimension. */
  constructor(
    system: SimulatedSystem,
    options: { noise: number; inflation: number; t: number; start: Float64Array; spread: readonly number[] },
  ) {
    const d = system.start.length
    this.#d = d
    this.#variance = options.noise ** 2
    this.#inflation = options.inflation
    this.#integrator = new Integrator(jointField(system), { method: methods.dopri5, rtol: 1e-8, atol: 1e-9 })
    this.#joint = new Float64Array(d + d * d)
    this.#joint.set(options.start)
    this.#covariance = new Float64Array(d * d)
    for (let i = 0; i < d; i++) this.#covariance[i * d + i] = options.spread[i]! ** 2
    this.#time = options.t
  }

  /** The state predicted for t, then corrected by the measured values of y (NaN is missing). */
  observe(t: number, y: Float64Array): Float64Array {
    this.#propagate(t)
    const predicted = this.#joint.slice(0, this.#d)
    for (let j = 0; j < this.#d; j++) if (isMeasured(y[j]!)) this.#correct(j, y[j]!)
    return predicted
  }

  #propagate(t: number): void {
    const d = this.#d
    const phi = this.#joint.subarray(d)
    phi.fill(0)
    for (let i = 0; i < d; i++) phi[i * d + i] = 1
    this.#integrator.propagate(this.#time, t, this.#joint)
    this.#time = t
    const half = product(phi, this.#covariance, d)
    this.#covariance = product(half, transpose(phi, d), d)
    for (let i = 0; i < d; i++) this.#covariance[i * d + i]! += this.#inflation * this.#variance
  }

  #correct(j: number, value: number): void {
    const d = this.#d
    const p = this.#covariance
    const innovation = value - this.#joint[j]!
    const s = p[j * d + j]! + this.#variance
    const column = Array.from({ length: d }, (_, i) => p[i * d + j]!)
    const row = Array.from({ length: d }, (_, i) => p[j * d + i]!)
    for (let i = 0; i < d; i++) {
      this.#joint[i]! += (column[i]! / s) * innovation
      for (let k = 0; k < d; k++) p[i * d + k]! -= (column[i]! / s) * row[k]!
    }
  }
}

function jointField(system: SimulatedSystem): VectorField {
  const d = system.start.length
  const jacobian = new Float64Array(d * d)
  const [up, down] = [new Float64Array(d), new Float64Array(d)]
  return {
    dimension: d + d * d,
    parameters: new Float64Array(0),
    evaluate(_t, joint, slope) {
      const z = joint.subarray(0, d)
      system.evaluate(z, slope.subarray(0, d))
      for (let j = 0; j < d; j++) {
        const h = 1e-5 * Math.max(1, Math.abs(z[j]!))
        const moved = (by: number) => z.map((value, i) => (i === j ? value + by : value))
        system.evaluate(moved(h), up)
        system.evaluate(moved(-h), down)
        for (let i = 0; i < d; i++) jacobian[i * d + j] = (up[i]! - down[i]!) / (2 * h)
      }
      slope.set(product(jacobian, joint.subarray(d), d), d)
    },
    vjp: () => 0,
  }
}

function product(a: Float64Array, b: Float64Array, d: number): Float64Array {
  const c = new Float64Array(d * d)
  for (let i = 0; i < d; i++)
    for (let k = 0; k < d; k++) for (let j = 0; j < d; j++) c[i * d + j]! += a[i * d + k]! * b[k * d + j]!
  return c
}

function transpose(a: Float64Array, d: number): Float64Array {
  return a.map((_, n) => a[(n % d) * d + Math.floor(n / d)]!)
}
