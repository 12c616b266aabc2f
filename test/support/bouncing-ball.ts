import type { EventDefinition } from '../../src/adjoint/events.js'
import { closure } from '../../src/field/closure.js'
import type { VectorField } from '../../src/field/vector-field.js'

/** z = [height, velocity], z' = [velocity, −g]. */
export function fallingBall(gravity: Float64Array): VectorField {
  return closure({
    dimension: 2,
    parameters: gravity,
    timeDependent: false,
    evaluate: (_t, [, v], dz) => dz.set([v!, -gravity[0]!]),
    vjp(_t, _z, a, az, atheta) {
      az[1]! += a[0]!
      atheta[0]! -= a[1]!
      return 0
    },
  })
}

/** On the ground the velocity turns round, times a coefficient of restitution. */
export function bounce(restitution: Float64Array): EventDefinition {
  return {
    value: (_t, z) => z[0]!,
    gradient(_t, _z, dz) {
      dz[0]! += 1
      return 0
    },
    direction: 'falling',
    reset: {
      parameters: restitution,
      apply: (z, _y, zPlus) => zPlus.set([z[0]!, -restitution[0]! * z[1]!]),
      vjp(z, _y, a, aphi) {
        aphi[0]! -= a[1]! * z[1]!
        a[1]! *= -restitution[0]!
      },
    },
  }
}
