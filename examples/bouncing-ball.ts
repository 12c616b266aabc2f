/**
 * Events and their gradients: a ball bounces, and its gravity and restitution are learned from noisy heights. Every bounce is an
 * event whose time depends on what is learned; the adjoint goes through it with the saltation term.
 *
 *     npm run build && node dist/examples/bouncing-ball.js
 */
import {
  adam,
  closure,
  type EventDefinition,
  methods,
  type PathLoss,
  Random,
  solveAdjoint,
  squaredPathLoss,
} from 'contraflow'

const gravity = Float64Array.of(7)
const restitution = Float64Array.of(0.6)

/** z = (height, velocity). */
const ball = closure({
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

/** On the ground, falling: the velocity turns round, less what is lost. */
const bounce: EventDefinition = {
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

const TRUTH = { g: 9.81, e: 0.8, height: 1 }
const times = Array.from({ length: 40 }, (_, i) => (i + 1) * 0.05)
const noise = new Random(1)
const observed = times.map(t => Float64Array.of(heightAt(t) + 0.02 * noise.normal(), Number.NaN))

function solve(loss: PathLoss) {
  return solveAdjoint({
    field: ball,
    path: {
      startTime: 0,
      startState: Float64Array.of(TRUTH.height, 0),
      length: times.length,
      time: i => times[i]!,
      observed: i => observed[i]!,
    },
    loss,
    solver: { method: methods.tsit5, rtol: 1e-9, atol: 1e-9, events: [bounce] },
  })
}

const loss = squaredPathLoss(
  observed,
  times.map(() => 1),
)
const { events, gradient } = solve(loss)
console.log(`with g = ${gravity[0]} and e = ${restitution[0]} the ball bounces at`)
events.slice(0, 3).forEach(({ t }, k) => {
  const exact = impact(gravity[0]!, restitution[0]!, k)
  console.log(`  ${t.toFixed(12)} s, ${Math.abs(t - exact).toExponential(1)} off its closed form`)
})
compare('dL/dg', gradient.field[0]!, gravity)
compare('dL/de', gradient.events[0]![0]!, restitution)

const optimizer = adam(2, { rate: 0.02 })
const learned = Float64Array.of(gravity[0]!, restitution[0]!)
for (let n = 1; n <= 600; n++) {
  const { gradient, loss: value } = solve(loss)
  if (n % 100 === 1)
    console.log(
      `${String(n - 1).padStart(4)} updates: loss ${value.toExponential(2)}, g ${show(gravity)}, e ${show(restitution)}`,
    )
  optimizer.update(learned, Float64Array.of(gradient.field[0]!, gradient.events[0]![0]!))
  gravity[0] = learned[0]!
  restitution[0] = learned[1]!
}
console.log(`learned g = ${show(gravity)} (true ${TRUTH.g}) and e = ${show(restitution)} (true ${TRUTH.e})`)

/** A derivative beside central differences. */
function compare(name: string, value: number, parameter: Float64Array): void {
  const at = parameter[0]!
  const [up, down] = [at + 1e-5, at - 1e-5].map(x => {
    parameter[0] = x
    return solve(loss).loss
  })
  parameter[0] = at
  console.log(`${name} = ${value.toPrecision(8)}, by differences ${((up! - down!) / 2e-5).toPrecision(8)}`)
}

/** Time of bounce k for a ball dropped from the height of the truth. */
function impact(g: number, e: number, k: number): number {
  const first = Math.sqrt((2 * TRUTH.height) / g)
  let t = first
  for (let n = 1; n <= k; n++) t += 2 * e ** n * first
  return t
}

/** The true height, flight by flight. */
function heightAt(t: number): number {
  const { g, e } = TRUTH
  let k = 0
  while (impact(g, e, k) <= t) k++
  if (k === 0) return TRUTH.height - (g * t * t) / 2
  const since = t - impact(g, e, k - 1)
  return e ** k * Math.sqrt(2 * g * TRUTH.height) * since - (g * since * since) / 2
}

function show(x: Float64Array): string {
  return x[0]!.toFixed(4)
}
