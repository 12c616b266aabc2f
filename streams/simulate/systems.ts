import { sin } from '../../src/elementary.js'
import type { VectorField } from '../../src/field/vector-field.js'
import type { SystemName } from '../../src/names.js'

/** A system with known equations that makes streams to learn from. */
export interface SimulatedSystem {
  /** One line. */
  readonly about: string
  /** Names of what is observed: the first dimensions of the state. */
  readonly channels: readonly string[]
  /** z(0). */
  readonly start: readonly number[]
  /** Mean time between observations, in the system's own unit of time. */
  readonly meanGap: number
  /** Standard deviation of the measurement noise. */
  readonly noise: number
  /** Writes dz/dt into dz. */
  evaluate(z: Float64Array, dz: Float64Array): void
}

/** Every system by its name. Parameters are the customary ones of each. */
export const systems: Readonly<Record<SystemName, SimulatedSystem>> = {
  'van-der-pol': {
    about: "x'' = (1 − x²) x' − x, a limit cycle (van der Pol 1926)",
    channels: ['x', 'v'],
    start: [2, 0],
    meanGap: 0.2,
    noise: 0.05,
    evaluate(z, dz) {
      dz[0] = z[1]!
      dz[1] = (1 - z[0]! * z[0]!) * z[1]! - z[0]!
    },
  },
  'lotka-volterra': {
    about: 'prey and predator, x′ = 1.5 x − x y, y′ = x y − 3 y (Lotka 1925, Volterra 1926)',
    channels: ['prey', 'predator'],
    start: [4, 2],
    meanGap: 0.1,
    noise: 0.05,
    evaluate(z, dz) {
      dz[0] = 1.5 * z[0]! - z[0]! * z[1]!
      dz[1] = z[0]! * z[1]! - 3 * z[1]!
    },
  },
  pendulum: {
    about: "damped pendulum, φ'' = −sin φ − 0.02 φ', angle and angular velocity",
    channels: ['angle', 'velocity'],
    start: [2, 0],
    meanGap: 0.2,
    noise: 0.05,
    evaluate(z, dz) {
      dz[0] = z[1]!
      dz[1] = -sin(z[0]!) - 0.02 * z[1]!
    },
  },
  lorenz: {
    about: 'σ = 10, ρ = 28, β = 8/3, chaotic (Lorenz 1963)',
    channels: ['x', 'y', 'z'],
    start: [-8, 7, 27],
    meanGap: 0.05,
    noise: 0.5,
    evaluate(z, dz) {
      dz[0] = 10 * (z[1]! - z[0]!)
      dz[1] = z[0]! * (28 - z[2]!) - z[1]!
      dz[2] = z[0]! * z[1]! - (8 / 3) * z[2]!
    },
  },
  spiral: {
    about: "z' = A z³ component-wise, A = [[−0.1, 2], [−2, −0.1]] (Chen et al. 2018)",
    channels: ['x', 'y'],
    start: [2, 0],
    meanGap: 0.1,
    noise: 0.02,
    evaluate(z, dz) {
      // Not z ** 3, whose last bits ECMAScript leaves to the implementation.
      const x = z[0]! * z[0]! * z[0]!
      const y = z[1]! * z[1]! * z[1]!
      dz[0] = -0.1 * x + 2 * y
      dz[1] = -2 * x - 0.1 * y
    },
  },
}

/** The equations alone, without parameters to learn. */
export function systemField(system: SimulatedSystem): VectorField {
  return {
    dimension: system.start.length,
    parameters: new Float64Array(0),
    timeDependent: false,
    evaluate: (_t, z, dz) => system.evaluate(z, dz),
    vjp() {
      throw new Error('a simulated system has nothing to learn')
    },
  }
}
