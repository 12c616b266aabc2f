import { describe, expect, it } from 'vitest'
import { errorNorm } from '../../../src/ode/steps/error-norm.js'
import { initialStep } from '../../../src/ode/steps/initial-step.js'
import { equations } from '../../support/fields.js'

const of = (...x: number[]) => Float64Array.from(x)

describe('the error norm', () => {
  it('is the root mean square in units of the tolerance', () => {
    expect(errorNorm(of(3e-6, 4e-6), of(0, 0), of(0, 0), 1e-3, 1e-6)).toBeCloseTo(Math.sqrt(12.5), 12) // √((9 + 16)/2)
  })

  it('takes the larger end of the step for the relative part', () => {
    // One tolerance: 1e-3 · 2, up to rounding.
    expect(errorNorm(of(2e-3), of(-2), of(1), 1e-3, 1e-300)).toBeCloseTo(1, 14)
    expect(errorNorm(of(2e-3), of(1), of(-2), 1e-3, 1e-300)).toBeCloseTo(1, 14)
  })

  it('shows that anything is not a number', () => {
    expect(errorNorm(of(0, Number.NaN), of(0, 0), of(0, 0), 1, 1)).toBeNaN()
    expect(errorNorm(of(0, 0), of(0, 0), of(0, Number.NaN), 1, 1)).toBeNaN()
  })
})

describe('the first step', () => {
  const options = { order: 5, rtol: 1e-6, atol: 1e-9 }
  const first = (rate: number, z: number, direction = 1) => {
    const field = equations(1, (_t, x, dx) => dx.fill(rate * x[0]!))
    return initialStep(field, { t: 0, z: of(z), slope: of(rate * z) }, direction, options)
  }

  it('follows Hairer, Nørsett and Wanner', () => {
    // For z' = −z: (0.01 / ‖z'‖)^(1/5), the norm in units of the tolerance. The power function rounds.
    expect(first(-1, 1)).toBeCloseTo((0.01 * 1.001e-6) ** (1 / 5), 12)
    // For z' = −10000 z: a hundred Euler steps of 0.01 ‖z‖ / ‖z'‖.
    expect(first(-1e4, 1)).toBeCloseTo(1e-4, 12)
  })

  it('is positive in both directions, and when nothing moves', () => {
    expect(first(-1, 1, -1)).toBeGreaterThan(0)
    expect(first(0, 1)).toBeGreaterThan(0)
    expect(first(1, 0)).toBeGreaterThan(0)
  })

  it('is small but usable where the field is not finite', () => {
    expect(first(Number.NaN, 1)).toBe(1e-6)
    expect(first(Infinity, 1)).toBe(1e-6)
  })
})
