import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linear } from '../../src/field/linear.js'
import { TABLEAU_NAMES } from '../../src/names.js'
import { Integrator } from '../../src/ode/integrator.js'
import { methods } from '../../src/ode/methods/index.js'
import { REACHED } from '../../src/ode/outcome.js'
import { Random } from '../../src/random.js'
import { array, bits } from '../support/arrays.js'
import { detest } from '../support/detest.js'
import { randomLinear, randomMlp } from '../support/fields.js'

/** The laws of FAULTS.md §3.7 that concern the solver alone. */

const FIXED = { method: methods.dopri5, step: 0.125 }
const ADAPTIVE = { method: methods.tsit5, rtol: 1e-8, atol: 1e-10 }

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

describe('M9: linear invariants are kept to rounding', () => {
  const total = (z: ArrayLike<number>) => Array.from(z).reduce((sum, x) => sum + x, 0)
  it('the sums of B2, B3, C1 and C2', () => {
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

  it('the sum of what flows between any compartments, by any method', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TABLEAU_NAMES), fc.integer({ min: 2, max: 6 }), fc.nat(1e6), (name, n, seed) => {
        const random = new Random(seed)
        // Rates out of a compartment are what flows into the others: columns sum to zero but for one rounding each.
        const rates = array(n * n, () => random.uniform())
        const matrix = array(n * n, k => rates[k]!)
        for (let j = 0; j < n; j++) {
          matrix[j * n + j] = 0
          matrix[j * n + j] = -total(Array.from({ length: n }, (_, i) => matrix[i * n + j]!))
        }
        const z = array(n, () => random.uniform())
        const before = total(z)
        const integrator = new Integrator(linear(n, matrix), {
          method: methods[name],
          step: 0.05,
          rtol: 1e-12,
          atol: 1e-12,
        })
        const tape = integrator.createTape()
        integrator.propagate(0, 2, z, tape)
        // FAULTS.md §3.7 allows 1e-14 a step for sums of size one.
        expect(Math.abs(total(z) - before)).toBeLessThan(1e-14 * n * tape.length)
      }),
    )
  })
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
    { numRuns: 10_000 },
  )
})
