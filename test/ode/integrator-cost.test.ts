import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linear } from '../../src/field/linear.js'
import { Integrator } from '../../src/ode/integrator.js'
import { methods } from '../../src/ode/methods/index.js'
import { REACHED } from '../../src/ode/outcome.js'
import { relativeError } from '../support/arrays.js'
import { counted, equations, randomMlp } from '../support/fields.js'
import { ulpOf } from '../support/high-precision.js'

const START = Float64Array.of(0.3, -0.5, 0.8)

describe('evaluations of fixed steps', () => {
  it.each([
    ['euler', 10],
    ['midpoint', 20],
    ['heun', 20],
    ['rk4', 40],
    // First same as last: one evaluation for the start, then one fewer a step.
    ['bosh3', 1 + 10 * 3],
    ['dopri5', 1 + 10 * 6],
    ['tsit5', 1 + 10 * 6],
  ] as const)('%s spends %i on ten steps', (name, expected) => {
    const field = counted(randomMlp(1))
    new Integrator(field, { method: methods[name], step: 0.1 }).propagate(0, 1, START.slice())
    expect(field.count).toBe(expected)
  })

  it('the first slope of a stretch is evaluated anew, because an observation may have changed the state', () => {
    const field = counted(randomMlp(1))
    const integrator = new Integrator(field, { method: methods.dopri5, step: 0.5 })
    const z = START.slice()
    integrator.propagate(0, 1, z)
    expect(field.count).toBe(1 + 2 * 6)
    z[0] = 2
    integrator.propagate(1, 2, z)
    expect(field.count).toBe(2 * (1 + 2 * 6))
    const expected = START.slice()
    const other = new Integrator(randomMlp(1), { method: methods.dopri5, step: 0.5 })
    other.propagate(0, 1, expected)
    expected[0] = 2
    other.propagate(1, 2, expected)
    expect(Array.from(z)).toEqual(Array.from(expected))
  })

  it('are equally long and not longer than asked', () => {
    const integrator = new Integrator(randomMlp(1), { method: methods.rk4, step: 0.3 })
    const tape = integrator.createTape()
    integrator.propagate(0, 1, START.slice(), tape)
    expect(tape.length).toBe(4)
    // Differences of rounded times.
    for (let n = 0; n < 4; n++) expect(tape.step(n).h).toBeCloseTo(0.25, 15)
  })

  it('a length that divides the gap up to rounding makes no sliver', () => {
    const integrator = new Integrator(randomMlp(1), { method: methods.rk4, step: 0.1 })
    const tape = integrator.createTape()
    integrator.propagate(0.1, 0.4, START.slice(), tape) // (0.4 − 0.1) / 0.1 is above three by an ulp
    expect(tape.length).toBe(3)
  })
})

describe('adaptive steps', () => {
  const adaptive = { method: methods.tsit5, rtol: 1e-6, atol: 1e-9 }

  it('the step size survives from stretch to stretch', () => {
    const field = counted(randomMlp(1))
    const integrator = new Integrator(field, adaptive)
    const z = START.slice()
    expect(integrator.stepSize).toBe(0)
    integrator.propagate(0, 5, z)
    const planned = integrator.stepSize
    const estimated = field.count
    expect(planned).toBeGreaterThan(0)
    const tape = integrator.createTape()
    integrator.propagate(5, 5 + 4 * planned, z, tape)
    expect(tape.step(0).h).toBe(planned)
    // No second estimate of the first step, which would cost an evaluation more than the first slope.
    const attempts = (field.count - estimated - 1) / 6
    expect(Number.isInteger(attempts)).toBe(true)
  })

  it('a step cut short to land does not shorten the next', () => {
    const integrator = new Integrator(randomMlp(1), adaptive)
    const z = START.slice()
    integrator.propagate(0, 5, z)
    let planned = integrator.stepSize
    for (let n = 0; n < 20; n++) {
      const t = 5 + n * 1e-6
      integrator.propagate(t, t + 1e-6, z)
      expect(integrator.stepSize).toBeGreaterThanOrEqual(planned)
      planned = integrator.stepSize
    }
  })

  it('a rejected step keeps its first slope: a try costs one evaluation a stage but the first', () => {
    // A field at rest until t = 1 that then turns fast: the first steps are far too long there.
    const field = counted(equations(1, (t, z, dz) => dz.fill(t < 1 ? 0 : -200 * (z[0]! - 1))))
    const integrator = new Integrator(field, adaptive)
    const tape = integrator.createTape()
    integrator.propagate(0, 2, Float64Array.of(3), tape)
    const attempts = (field.count - 2) / 6 // two for the estimate of the first step, which include the first slope
    expect(Number.isInteger(attempts)).toBe(true)
    expect(attempts).toBeGreaterThan(tape.length)
  })

  it('gaps down to the last bit of the time are crossed, also far from its origin', () => {
    const origin = fc.constantFrom(0, 1, -1, 1e-300, 1.4e9, -1.4e9, 1e12)
    const length = fc.integer({ min: 1, max: 200 })
    fc.assert(
      fc.property(origin, fc.array(length, { minLength: 1, maxLength: 20 }), fc.boolean(), (t0, lengths, still) => {
        const integrator = new Integrator(still ? linear(3) : randomMlp(1), adaptive)
        const z = START.slice()
        let t: number = t0
        for (const ulps of lengths) {
          const to = t + ulps * ulpOf(t)
          expect(integrator.propagate(t, to, z)).toBe(REACHED)
          t = to
        }
        expect(integrator.propagate(t, t + 1 + 8 * ulpOf(t), z)).toBe(REACHED)
      }),
    )
  })

  it('splitting a stretch changes the result by no more than the tolerance', () => {
    const [whole, split] = [START.slice(), START.slice()]
    const [one, other] = [new Integrator(randomMlp(2), adaptive), new Integrator(randomMlp(2), adaptive)]
    one.propagate(0, 4, whole)
    for (let t = 0; t < 4; t += 0.25) other.propagate(t, t + 0.25, split)
    // Ten times rtol: local errors of some twenty steps, which the field neither damps nor amplifies much.
    expect(relativeError(split, whole)).toBeLessThan(1e-5)
  })
})

describe('options', () => {
  const invalid = expect.objectContaining({ code: 'OPTION_INVALID' })

  it.each(['euler', 'midpoint', 'rk4'] as const)('%s has no error estimate and refuses to choose its steps', name => {
    expect(() => new Integrator(randomMlp(1), { method: methods[name] })).toThrow(invalid)
  })

  it.each([
    { rtol: 0 },
    { rtol: Number.NaN },
    { atol: -1 },
    { step: 0 },
    { step: Infinity },
    { maxSteps: 0 },
    { maxSteps: Infinity },
  ])('%o is refused', options => {
    expect(() => new Integrator(randomMlp(1), { method: methods.tsit5, ...options })).toThrow(invalid)
  })
})
