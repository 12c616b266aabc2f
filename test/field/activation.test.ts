import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { activations } from '../../src/field/activation.js'
import { ACTIVATION_NAMES } from '../../src/names.js'
import { differences } from '../support/finite-differences.js'

const moderate = fc.integer({ min: -6000, max: 6000 }).map(n => n / 1000 + 0.0003) // never at the kink of relu

describe.each(ACTIVATION_NAMES)('%s', name => {
  const { value, derivative } = activations[name]

  it('has the derivative of its value', () => {
    fc.assert(
      fc.property(moderate, x => {
        const at = Float64Array.of(x)
        // Central differences of a function of size one.
        expect(Math.abs(derivative(x, value(x)) - differences(() => value(at[0]!), at)[0]!)).toBeLessThan(1e-8)
      }),
    )
  })

  it('is finite where its input is', () => {
    for (const x of [0, -0, 1e-308, -1e-308, 1e3, -1e3, 1e300, -1e300]) {
      expect(value(x)).toBeGreaterThan(-Infinity)
      expect(value(x)).toBeLessThan(Infinity)
      expect(Math.abs(derivative(x, value(x)))).toBeLessThan(1.2) // silu has the steepest slope, 1.0998
    }
  })

  it('does not hide a NaN', () => {
    expect(value(Number.NaN)).toBeNaN()
  })
})

it('the derivative of relu at zero is zero', () => {
  expect(activations.relu.derivative(0, 0)).toBe(0)
})
