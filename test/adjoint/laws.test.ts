import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AdjointProblem, type AdjointSolution, solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { closure } from '../../src/field/closure.js'
import { mlp, mlpLayout, mlpShape } from '../../src/field/mlp.js'
import type { VectorField } from '../../src/field/vector-field.js'
import { squared } from '../../src/learn/rules/losses.js'
import { pathLoss, squaredPathLoss } from '../../src/learn/rules/path-loss.js'
import { ACTIVATION_NAMES } from '../../src/names.js'
import { methods } from '../../src/ode/methods/index.js'
import { Random } from '../../src/random.js'
import { array, bits, relativeError } from '../support/arrays.js'
import { randomMlp } from '../support/fields.js'
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
          const slow = slowed(field, 1000)
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
    )
  })

  it('M6: scaled by a power of two, adaptive steps change the gradient by no more than the tolerance', () => {
    fc.assert(
      fc.property(grid, fc.integer({ min: -20, max: 20 }), (times, k) => {
        const field = randomMlp(2)
        const c = 2 ** k
        const stretched = problem(
          times.map(t => t * c),
          { field: slowed(field, c), solver: ADAPTIVE },
        )
        // The first step is guessed with constants that have units; ten tolerances of a gradient of size ten.
        const plain = problem(times, { field, solver: ADAPTIVE })
        expect(relativeError(solved(stretched), solved(plain))).toBeLessThan(10 * ADAPTIVE.rtol)
      }),
    )
  })

  it('scaled by a power of two, with the field and the steps, changes nothing but the times', () => {
    fc.assert(
      fc.property(grid, fc.integer({ min: -20, max: 20 }), (times, k) => {
        const field = randomMlp(2)
        const c = 2 ** k
        const stretched = problem(
          times.map(t => t * c),
          { field: slowed(field, c), solver: { method: methods.dopri5, step: 0.125 * c } },
        )
        expect(bits(solved(stretched))).toBe(bits(solved(problem(times, { field }))))
      }),
    )
  })
})

it('M17: hidden units may stand in any order', () => {
  const units = fc.integer({ min: 2, max: 8 }).chain(n =>
    fc.shuffledSubarray(
      Array.from({ length: n }, (_, i) => i),
      { minLength: n, maxLength: n },
    ),
  )
  fc.assert(
    fc.property(units, fc.constantFrom(...ACTIVATION_NAMES), fc.nat(1e6), (order, activation, seed) => {
      const shape = mlpShape({ dimension: 3, hidden: [order.length], activation })
      const layout = mlpLayout(shape)
      const random = new Random(seed)
      const theta = array(layout.length, () => random.normal() / 2)
      /** What is laid out like θ, with the hidden units permuted. */
      const permute = (v: Float64Array) => {
        const out = v.slice()
        const [into, outOf] = [layout.weights[0]!, layout.weights[1]!]
        order.forEach((from, to) => {
          for (let j = 0; j < 3; j++) out[into + to * 3 + j] = v[into + from * 3 + j]!
          out[layout.biases[0]! + to] = v[layout.biases[0]! + from]!
          for (let i = 0; i < 3; i++) out[outOf + i * order.length + to] = v[outOf + i * order.length + from]!
        })
        return out
      }
      const gradient = (parameters: Float64Array) =>
        solveAdjoint(problem([0.5, 1, 2], { field: mlp(shape, parameters), seed })).gradient
      const [plain, moved] = [gradient(theta), gradient(permute(theta))]
      // Sums over the hidden units in another order.
      expect(relativeError(moved.field, permute(plain.field))).toBeLessThan(1e-13)
      expect(relativeError(moved.start, plain.start)).toBeLessThan(1e-13)
    }),
  )
})

it('M1: an observation of weight zero on a node of a fixed grid changes no bit', () => {
  fc.assert(
    fc.property(grid, fc.integer({ min: 0, max: 24 }), fc.nat(1e6), (times, tick, seed) => {
      fc.pre(tick / 8 <= times.at(-1)!)
      const plain = problem(times, { seed })
      const of = (at: readonly number[], values: Float64Array[], weights: readonly number[]) => {
        const loss = pathLoss({
          loss: squared,
          length: at.length,
          observed: i => values[i]!,
          weight: i => weights[i]!,
          divisor: 8,
        })
        return bits(solved({ ...plain, path: path(START, at, values), loss }))
      }
      const place = times.findIndex(t => t >= tick / 8)
      const ones = times.map(() => 1)
      const more = of(
        times.toSpliced(place, 0, tick / 8),
        plain.path.values.toSpliced(place, 0, Float64Array.of(9, Number.NaN, -9)),
        ones.toSpliced(place, 0, 0),
      )
      expect(more).toBe(of(times, plain.path.values, ones))
    }),
  )
})

describe('M1: adaptive steps', () => {
  it('an observation without weight, and so a step cut in two, changes the gradient by no more than the tolerance', () => {
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
    )
  })
})

it('the laws would see a difference: another field gives other bits', () => {
  const field = closure({ dimension: 3, timeDependent: false, evaluate: (_t, z, dz) => dz.set(z.map(x => -x)) })
  expect(bits(solveAdjoint(problem([1], { field })).gradient.start)).not.toBe(
    bits(solveAdjoint(problem([1])).gradient.start),
  )
})

/** f(t, z)/c. */
function slowed(field: VectorField, c: number): VectorField {
  return {
    ...field,
    evaluate(t, z, dz) {
      field.evaluate(t, z, dz)
      for (let i = 0; i < dz.length; i++) dz[i]! /= c
    },
    vjp(t, z, a, az, atheta) {
      return field.vjp(t, z, a.map(x => x / c), az, atheta) // biome-ignore format: one thing
    },
  }
}
