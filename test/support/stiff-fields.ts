import { closure } from '../../src/field/closure.js'
import type { VectorField } from '../../src/field/vector-field.js'
import { Integrator } from '../../src/ode/integrator.js'
import type { IntegratorOptions } from '../../src/ode/integrator-options.js'

/** Robertson's chemical kinetics, with its three rates as parameters. */
export function robertson(parameters = Float64Array.of(0.04, 3e7, 1e4)) {
  return closure({
    dimension: 3,
    parameters,
    timeDependent: false,
    evaluate(_t, [a, b, c], dz) {
      const [k1, k2, k3] = parameters as unknown as [number, number, number]
      const [slow, fast, back] = [k1 * a!, k2 * b! * b!, k3 * b! * c!]
      dz.set([-slow + back, slow - back - fast, fast])
    },
    vjp(_t, [a, b, c], w, az, atheta) {
      const [k1, k2, k3] = parameters as unknown as [number, number, number]
      const [u, v] = [w[1]! - w[0]!, w[2]! - w[1]!]
      az[0]! += k1 * u
      az[1]! += 2 * k2 * b! * v - k3 * c! * u
      az[2]! += -k3 * b! * u
      atheta[0]! += a! * u
      atheta[1]! += b! * b! * v
      atheta[2]! += -b! * c! * u
      return 0
    },
  })
}

/** Van der Pol's oscillator; μ is its parameter. */
export const vanDerPol = (stiffness: number) => {
  const parameters = Float64Array.of(stiffness)
  return closure({
    dimension: 2,
    parameters,
    timeDependent: false,
    evaluate: (_t, [x, v], dz) => dz.set([v!, parameters[0]! * (1 - x! * x!) * v! - x!]),
    vjp(_t, [x, v], a, az, atheta) {
      const mu = parameters[0]!
      az[0]! += a[1]! * (-2 * mu * x! * v! - 1)
      az[1]! += a[0]! + a[1]! * mu * (1 - x! * x!)
      atheta[0]! += a[1]! * (1 - x! * x!) * v!
      return 0
    },
  })
}

/** Solves from time 0, with a tape. */
export function solve(field: VectorField, start: readonly number[], to: number, options: IntegratorOptions) {
  const z = Float64Array.from(start)
  const integrator = new Integrator(field, options)
  const tape = integrator.createTape()
  return { outcome: integrator.propagate(0, to, z, tape), z, integrator, tape }
}
