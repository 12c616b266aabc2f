import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AdjointProblem, type AdjointSolution, solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { closure } from '../../src/field/closure.js'
import { linear } from '../../src/field/linear.js'
import { mlp, mlpLayout, mlpShape } from '../../src/field/mlp.js'
import type { VectorField } from '../../src/field/vector-field.js'
import { squaredPathLoss } from '../../src/learn/path-loss.js'
import { Integrator } from '../../src/ode/integrator.js'
import { methods } from '../../src/ode/methods/index.js'
import { REACHED } from '../../src/ode/outcome.js'
import { Random } from '../../src/random.js'
import { array, bits, relativeError } from '../support/arrays.js'
import { detest } from '../support/detest.js'
import { randomLinear, randomMlp } from '../support/fields.js'
import { path } from '../support/paths.js'

/** The metamorphic laws of FAULTS.md §3.7 that concern solver and adjoint; those of learner and streams stand with these. */

const START = Float64Array.of(0.3, -0.5, 0.8)
const FIXED = { method: methods.dopri5, step: 0.125 }
const ADAPTIVE = { method: methods.tsit5, rtol: 1e-8, atol: 1e-10 }

/** Times on a grid of eighths, some of them equal; values and weights. */
const grid = fc
  .array(fc.nat(24), { minLength: 1, maxLength: 8 })
  .map(ticks => ticks.sort((a, b) => a - b).map(n => n / 8))

function problem(
  times: readonly number[],
  options: Partial<Pick<AdjointProblem, 'field' | 'solver'>> & { seed?: number; weights?: number[] } = {},
) {
  const { seed = 1, weights = times.map(() => 1), ...rest } = options
  const random = new Random(seed)
  const values = times.map(() => array(3, () => random.normal()))
  return {
    field: randomMlp(seed),
    path: path(START, times, values),
    loss: squaredPathLoss(values, weights),
    solver: FIXED,
    ...rest,
  }
}

const flat = ({ gradient }: AdjointSolution) => Float64Array.of(...gradient.start, ...gradient.field)
const solved = (p: AdjointProblem) => flat(solveAdjoint(p))

describe('M2, M7: the loss', () => {
  it('scaled by a power of two scales the gradient, bit for bit', () => {
    fc.assert(
      fc.property(grid, fc.integer({ min: -60, max: 60 }), (times, k) => {
        const scaled = problem(times, { weights: times.map(() => 2 ** k) })
        expect(bits(solved(scaled).map(x => x * 2 ** -k))).toBe(bits(solved(problem(times))))
      }),
    )
  })

  it('with weights a w + b v has the gradient a g(w) + b g(v)', () => {
    fc.assert(
      fc.property(grid, fc.nat(1e6), (times, seed) => {
        const random = new Random(seed)
        const [w, v] = [times.map(() => random.uniform()), times.map(() => random.uniform())]
        const [a, b] = [random.normal(), random.normal()]
        const whole = solved(problem(times, { weights: w.map((x, i) => a * x + b * v[i]!) }))
        const [gw, gv] = [solved(problem(times, { weights: w })), solved(problem(times, { weights: v }))]
        const sum = gw.map((x, i) => a * x + b * gv[i]!)
        // Sums of numbers of size |a g| + |b g|, in another order.
        const size = Math.max(1e-300, ...gw.map(Math.abs), ...gv.map(Math.abs)) * (Math.abs(a) + Math.abs(b))
        expect(Math.max(...whole.map((x, i) => Math.abs(x - sum[i]!)))).toBeLessThan(1e-13 * size)
      }),
    )
  })
})

describe('M3, M4, M11: observations at one time', () => {
  it('add up: two are one with the sum of the losses', () => {
    fc.assert(
      fc.property(grid, fc.nat(7), (times, at) => {
        const i = at % times.length
        const once = problem(times)
        const twice = problem(times)
        const repeated = [...times.slice(0, i), times[i]!, ...times.slice(i)]
        const values = [...twice.path.values.slice(0, i), twice.path.values[i]!, ...twice.path.values.slice(i)]
        const doubled = solved({
          ...twice,
          path: path(START, repeated, values),
          loss: squaredPathLoss(
            values,
            repeated.map(() => repeated.length / times.length),
          ),
        })
        const weighted = solved({
          ...once,
          loss: squaredPathLoss(
            once.path.values,
            times.map((_, k) => (k === i ? 2 : 1)),
          ),
        })
        // The weights and the sums round differently, a few units in the last place each.
        expect(relativeError(doubled, weighted)).toBeLessThan(1e-14)
      }),
    )
  })
})

describe('M5, M6: time', () => {
  const milliseconds = fc.integer({ min: -1e12, max: 1e12 })

  it('F17: shifted by whole milliseconds changes nothing for a field that does not know it: the times differ exactly', () => {
    // Milliseconds since 1970, with gaps of a millisecond (F17): 2⁴¹ and a few bits more.
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 }),
        milliseconds,
        (gaps, shift) => {
          let t = 0
          const times = gaps.map(gap => (t += gap))
          const field = randomMlp(1)
          const slow: VectorField = {
            ...field,
            evaluate: (at, z, dz) => scale(field, at, z, dz, 1e-3),
            vjp: (at, z, a, az, atheta) =>
              field.vjp(
                at,
                z,
                a.map(x => x * 1e-3),
                az,
                atheta,
              ),
          }
          const at = (start: number) => {
            const moved = problem(
              times.map(time => time + start),
              { field: slow, solver: { method: methods.dopri5, step: 1 } },
            )
            return solved({ ...moved, path: { ...moved.path, startTime: start } })
          }
          expect(bits(at(shift))).toBe(bits(at(0)))
        },
      ),
      { numRuns: 50 },
    )
  })

  it('M5: shifted to where a clock stands, adaptive steps keep their accuracy although time has few digits left', () => {
    const tolerance = 1e-10
    fc.assert(
      fc.property(grid, fc.constantFrom(1e6, 1423666080, -1.7e9, 1.5e12), (times, shift) => {
        const at = (start: number, rtol: number) => {
          const moved = problem(
            times.map(t => t + start),
            { solver: { method: methods.dopri5, rtol, atol: rtol } },
          )
          return solved({ ...moved, path: { ...moved.path, startTime: start } })
        }
        // Eighths of a second are exact there, but the times of steps in between are not.
        expect(relativeError(at(shift, tolerance), at(0, tolerance / 100))).toBeLessThan(100 * tolerance)
      }),
      { numRuns: 50 },
    )
  })

  it('scaled by a power of two, with the field and the steps, changes nothing but the times', () => {
    fc.assert(
      fc.property(grid, fc.integer({ min: -20, max: 20 }), (times, k) => {
        const field = randomMlp(2)
        const c = 2 ** k
        const scaled: VectorField = {
          ...field,
          evaluate: (t, z, dz) => scale(field, t, z, dz, 1 / c),
          vjp: (t, z, a, az, atheta) =>
            field.vjp(
              t,
              z,
              a.map(x => x / c),
              az,
              atheta,
            ),
        }
        const stretched = problem(
          times.map(t => t * c),
          { field: scaled, solver: { method: methods.dopri5, step: 0.125 * c } },
        )
        expect(bits(solved(stretched))).toBe(bits(solved(problem(times, { field }))))
      }),
    )
  })
})

describe('M8: a linear field', () => {
  const at = (z: Float64Array, field = randomLinear(3)) => {
    const end = z.slice()
    new Integrator(field, FIXED).propagate(0, 2, end)
    return end
  }
  const vector = fc
    .array(fc.integer({ min: -1000, max: 1000 }), { minLength: 3, maxLength: 3 })
    .map(v => Float64Array.from(v, x => x / 100))

  it('superposes its solutions', () => {
    fc.assert(
      fc.property(vector, vector, (u, v) => {
        const sum = at(u.map((x, i) => x + v[i]!))
        const parts = at(u).map((x, i) => x + at(v)[i]!)
        expect(Math.max(...sum.map((x, i) => Math.abs(x - parts[i]!)))).toBeLessThan(1e-13 * 40)
      }),
    )
  })

  it('does not mind in which order its dimensions stand', () => {
    const matrix = randomLinear(3).parameters
    const order = [2, 0, 1]
    const permuted = linear(
      3,
      array(9, k => matrix[order[Math.floor(k / 3)]! * 3 + order[k % 3]!]!),
    )
    fc.assert(
      fc.property(vector, v => {
        const [plain, other] = [
          at(v),
          at(
            Float64Array.from(order, i => v[i]!),
            permuted,
          ),
        ]
        expect(Math.max(...order.map((i, k) => Math.abs(plain[i]! - other[k]!)))).toBeLessThan(1e-13 * 40)
      }),
    )
  })
})

it('M9: linear invariants are kept to rounding: the sums of B2, B3, C1 and C2', () => {
  for (const [name, total] of [
    ['B2', 3],
    ['B3', 1],
    ['C1', 1],
    ['C2', 1],
  ] as const) {
    const { field, start } = detest.find(p => p.name === name)!
    for (const method of [methods.dopri5, methods.tsit5, methods.dopri8, methods.verner7, methods.rk4]) {
      const z = Float64Array.from(start)
      const integrator = new Integrator(field, {
        method,
        ...(method.adaptive ? { rtol: 1e-6, atol: 1e-6 } : { step: 0.05 }),
      })
      const tape = integrator.createTape()
      integrator.propagate(0, 20, z, tape)
      expect(Math.abs(z.reduce((sum, x) => sum + x, 0) - total)).toBeLessThan(1e-14 * tape.length)
    }
  }
})

it('M12, F13: a gap of zero is the identity and costs nothing, whatever the state', () => {
  const any = fc.constantFrom(0, -0, 5e-324, 1e300, -1e300, 1, Number.NaN)
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.array(any, { minLength: 3, maxLength: 3 }),
      (t, state) => {
        const integrator = new Integrator(randomMlp(1), ADAPTIVE)
        const z = Float64Array.from(state)
        const before = bits(z)
        expect(integrator.propagate(t, t, z)).toBe(REACHED)
        expect([bits(z), integrator.evaluations]).toEqual([before, 0])
      },
    ),
    { numRuns: 1000 },
  )
})

it('M17: hidden units may stand in any order', () => {
  const shape = mlpShape({ dimension: 3, hidden: [5], activation: 'tanh' })
  const layout = mlpLayout(shape)
  const random = new Random(4)
  const theta = array(layout.length, () => random.normal() / 2)
  const order = [3, 0, 4, 1, 2]
  /** θ with its hidden units permuted. */
  const permute = (v: Float64Array) => {
    const out = v.slice()
    order.forEach((from, to) => {
      for (let j = 0; j < 3; j++) out[layout.weights[0]! + to * 3 + j] = v[layout.weights[0]! + from * 3 + j]!
      out[layout.biases[0]! + to] = v[layout.biases[0]! + from]!
      for (let i = 0; i < 3; i++) out[layout.weights[1]! + i * 5 + to] = v[layout.weights[1]! + i * 5 + from]!
    })
    return out
  }
  const times = [0.5, 1, 2]
  const gradient = (parameters: Float64Array) =>
    solveAdjoint(problem(times, { field: mlp(shape, parameters) })).gradient
  const [plain, moved] = [gradient(theta), gradient(permute(theta))]
  // Sums over five hidden units in another order.
  expect(relativeError(moved.field, permute(plain.field))).toBeLessThan(1e-13)
  expect(relativeError(moved.start, plain.start)).toBeLessThan(1e-13)
})

describe('M1, M10: adaptive steps', () => {
  it('an observation without weight, and a window cut in two, change the gradient by no more than the tolerance', () => {
    fc.assert(
      fc.property(grid, fc.integer({ min: 1, max: 23 }), (times, tick) => {
        const at = tick / 8 + 0.01
        const plain = problem(times, { solver: ADAPTIVE })
        const merged = [...times, at].sort((a, b) => a - b)
        const place = merged.indexOf(at)
        const values = [
          ...plain.path.values.slice(0, place),
          Float64Array.of(9, 9, 9),
          ...plain.path.values.slice(place),
        ]
        const weights = merged.map((_, i) => (i === place ? 0 : merged.length / times.length))
        const extra = { ...plain, path: path(START, merged, values), loss: squaredPathLoss(values, weights) }
        // Ten tolerances, of a gradient that is a hundred at most.
        expect(relativeError(solved(extra), solved(plain))).toBeLessThan(1e-6)
      }),
      { numRuns: 50 },
    )
  })
})

it('the laws would see a difference: another field gives other bits', () => {
  const field = closure({ dimension: 3, timeDependent: false, evaluate: (_t, z, dz) => dz.set(z.map(x => -x)) })
  expect(bits(solveAdjoint(problem([1], { field })).gradient.start)).not.toBe(
    bits(solveAdjoint(problem([1])).gradient.start),
  )
})

/** dz = factor · f(t, z). */
function scale(field: VectorField, t: number, z: Float64Array, dz: Float64Array, factor: number): void {
  field.evaluate(t, z, dz)
  for (let i = 0; i < dz.length; i++) dz[i]! *= factor
}
