/**
 * Where does the adjoint get its value at the last time from, and how do many data points enter?
 *
 * z' = A z is solved from z(0) = (2, 0), and compared with observations at ten times: L = (1/N) Σ |z(tᵢ) − yᵢ|².
 * The adjoint a(t) = ∂L/∂z(t) is zero behind the last observation. Going back, it jumps by 2 (z(tᵢ) − yᵢ) / N at every one,
 * and in between it follows a' = −Aᵀ a: it is not constant there.
 *
 *     npm run build && node dist/examples/linear-adjoint.js
 */
import { type AdjointSolution, linear, methods, Random, solveAdjoint, squaredPathLoss } from 'contraflow'

const A = Float64Array.of(-0.1, 2, -2, -0.1)
const START = Float64Array.of(2, 0)
const random = new Random(7)
let clock = 0
const times = Array.from({ length: 10 }, () => (clock += 0.4 * random.exponential()))
const observed = times.map(() => Float64Array.of(1.5 * random.normal(), 1.5 * random.normal()))

/** e^{At} z for this A: a shrinking rotation. */
function flow(t: number, [x, y]: readonly [number, number]): [number, number] {
  const [c, s, shrink] = [Math.cos(2 * t), Math.sin(2 * t), Math.exp(-0.1 * t)]
  return [shrink * (c * x + s * y), shrink * (c * y - s * x)]
}

/** e^{Aᵀt} a. */
function transposedFlow(t: number, [x, y]: readonly [number, number]): [number, number] {
  const [c, s, shrink] = [Math.cos(2 * t), Math.sin(2 * t), Math.exp(-0.1 * t)]
  return [shrink * (c * x - s * y), shrink * (c * y + s * x)]
}

/** The loss and its gradient; observations of weight 0 halfway between the others only let us look at a(t) there. */
function solve(parameters: Float64Array, start: Float64Array, solver: 'euler' | 'tsit5'): AdjointSolution {
  const stops = times.flatMap((t, i) => [
    { t: (t + (times[i - 1] ?? 0)) / 2, weight: 0, i },
    { t, weight: 2, i },
  ])
  const values = stops.map(({ i }) => observed[i]!)
  return solveAdjoint({
    field: linear(2, parameters),
    path: {
      startTime: 0,
      startState: start,
      length: stops.length,
      time: index => stops[index]!.t,
      observed: index => values[index]!,
    },
    // Twice as many stops as observations, so their weight is 2.
    loss: squaredPathLoss(
      values,
      stops.map(({ weight }) => weight),
    ),
    solver:
      solver === 'euler' ? { method: methods.euler, step: 0.01 } : { method: methods.tsit5, rtol: 1e-12, atol: 1e-12 },
  })
}

/** a(t⁻) by the matrix exponential: Σ e^{Aᵀ(tᵢ − t)} · 2 (z(tᵢ) − yᵢ) / N over the observations from t on. */
function exactAdjoint(t: number): [number, number] {
  let [a0, a1] = [0, 0]
  times.forEach((ti, i) => {
    if (ti < t) return
    const z = flow(ti, [START[0]!, START[1]!])
    const jump = [0, 1].map(c => (2 * (z[c]! - observed[i]![c]!)) / times.length)
    const a = transposedFlow(ti - t, [jump[0]!, jump[1]!])
    a0 += a[0]
    a1 += a[1]
  })
  return [a0, a1]
}

const show = (v: readonly number[]) => `(${v.map(x => x.toFixed(6).padStart(10)).join(', ')})`
const largest = (differences: readonly number[]) => Math.max(...differences.map(Math.abs)).toExponential(1)

for (const solver of ['euler', 'tsit5'] as const) {
  const solution = solve(A, START, solver)
  console.log(
    `\n${solver === 'euler' ? 'Euler, steps of 0.01, as in the question' : 'Tsitouras 5(4), tolerance 1e-12'}`,
  )
  console.log('     t      a(t+)                       jump                        a(t-)')
  for (const { t, before, jump, after } of solution.jumps) {
    const isObservation = jump.some(x => x !== 0)
    const columns = isObservation
      ? `${show(before)}  ${show(jump)}  ${show(after)}`
      : `${show(before)}  between observations`
    console.log(`${t.toFixed(4).padStart(8)}  ${columns}`)
  }
  const errors = solution.jumps.flatMap(({ t, after }) => exactAdjoint(t).map((a, c) => after[c]! - a))
  console.log(
    `loss ${solution.loss.toFixed(12)}; largest error of a(t) against the matrix exponential: ${largest(errors)}`,
  )
}

const last = solve(A, START, 'tsit5').jumps[0]!
console.log(
  `\nBehind the last observation a is ${show(last.before)}: its value there is the last jump and nothing else.`,
)

const { gradient } = solve(A, START, 'tsit5')
const loss = (parameters: Float64Array, start: Float64Array) => solve(parameters, start, 'tsit5').loss
const difference = (at: Float64Array, i: number, f: (x: Float64Array) => number) => {
  const h = 6e-6 * Math.max(1, Math.abs(at[i]!))
  const moved = (by: number) => at.map((x, j) => (j === i ? x + by : x))
  return (f(moved(h)) - f(moved(-h))) / (2 * h)
}
const startErrors = gradient.start.map((g, i) => g - difference(START, i, z => loss(A, z)))
const matrixErrors = Array.from(gradient.field, (g, i) => g - difference(A, i, p => loss(p, START)))
console.log(`\ndL/dz(0) = ${show(gradient.start)}, off finite differences by ${largest(startErrors)}`)
console.log(`dL/dA    = ${show(Array.from(gradient.field))}, off finite differences by ${largest(matrixErrors)}`)
