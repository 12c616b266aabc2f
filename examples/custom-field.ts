/**
 * A vector field of one's own, with its vjp, trained online by one's own optimizer: a damped pendulum
 * φ'' = −k sin φ − c φ' whose k and c are unknown. Only its angle is measured.
 *
 *     npm run build && node dist/examples/custom-field.js
 */
import {
  adam,
  adjointWindow,
  clipNorm,
  fromNullable,
  gain,
  methods,
  type Observation,
  type VectorField,
} from 'contraflow'
import { simulate } from 'contraflow/streams'
import { from, tap } from 'rxjs'

/** θ = (k, c). */
const pendulum: VectorField = {
  dimension: 2,
  parameters: Float64Array.of(0.5, 0.3),
  timeDependent: false,
  evaluate(_t, z, dz) {
    const [k, c] = pendulum.parameters
    dz[0] = z[1]!
    dz[1] = -k! * Math.sin(z[0]!) - c! * z[1]!
  },
  vjp(_t, z, a, az, atheta) {
    const [k, c] = pendulum.parameters
    az[0]! -= k! * Math.cos(z[0]!) * a[1]!
    az[1]! += a[0]! - c! * a[1]!
    atheta[0]! -= Math.sin(z[0]!) * a[1]!
    atheta[1]! -= z[1]! * a[1]!
    return 0
  },
}

/** How far an innovation of the angle moves angle and velocity; not learned here. */
const update = gain(2, 1, Float64Array.of(0.5, 0.5))
const optimizer = adam(2, { rate: 0.01 })
const observations = [...simulate({ system: 'pendulum', hide: ['velocity'], count: 1000, gap: 0.2, noise: 0.01 })].map(
  (line): Observation => {
    const { t, y } = JSON.parse(line) as { t: number; y: (number | null)[] }
    return { key: 'pendulum', t, y: fromNullable(y.slice(0, 1)) }
  },
)

let count = 0
console.log('observations  k (true 1)  c (true 0.02)')
from(observations)
  .pipe(
    adjointWindow({ field: pendulum, length: 16, update, solver: { method: methods.tsit5, rtol: 1e-6, atol: 1e-8 } }),
    tap(({ gradient }) => {
      clipNorm(gradient.field, 1)
      optimizer.update(pendulum.parameters, gradient.field)
    }),
  )
  .subscribe(() => {
    if (++count % 100 !== 0) return
    const [k, c] = pendulum.parameters
    console.log(`${String(count).padStart(12)}  ${k!.toFixed(4).padStart(10)}  ${c!.toFixed(4).padStart(13)}`)
  })
