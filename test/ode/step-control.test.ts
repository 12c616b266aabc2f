import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StepControl } from '../../src/ode/step-control.js'

const anyError = fc.integer({ min: -200, max: 80 }).map(n => 10 ** (n / 10))

describe('the step controller', () => {
  it('keeps within its limits, whatever the error', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(anyError), anyError, (order, before, error) => {
        const control = new StepControl(order)
        before.forEach(accepted => {
          control.remember(accepted)
        })
        const factor = control.factor(error)
        expect(factor).toBeGreaterThanOrEqual(0.2)
        expect(factor).toBeLessThanOrEqual(5)
      }),
    )
  })

  it.each([Number.NaN, Infinity])('shrinks as far as allowed after the error %s', error => {
    expect(new StepControl(5).factor(error)).toBe(0.2)
  })

  it('grows as far as allowed after an error of zero', () => {
    expect(new StepControl(5).factor(0)).toBe(5)
  })

  it('holds the step at an error that leaves the safety margin', () => {
    const control = new StepControl(5)
    const steady = 0.9 ** (5 / 0.3) // e^(−0.3/5) times 0.9 is one
    control.remember(steady)
    // A few roundings of exp and log.
    expect(control.factor(steady)).toBeCloseTo(1, 12)
  })

  it('shortens every rejected step, also after very good ones', () => {
    fc.assert(
      fc.property(anyError, fc.integer({ min: 1, max: 60 }), (before, n) => {
        fc.pre(before <= 1)
        const control = new StepControl(5)
        control.remember(before)
        expect(control.factor(10 ** (n / 10))).toBeLessThan(1)
      }),
    )
  })

  it('is deadbeat when asked: h ∝ e^(−1/k)', () => {
    const control = new StepControl(4, { preset: 'i', safety: 1, shrinkLimit: 1e-9, growthLimit: 1e9 })
    control.remember(0.3)
    // A few roundings of exp and log.
    expect(control.factor(16)).toBeCloseTo(1 / 2, 12)
    expect(control.factor(1 / 81)).toBeCloseTo(3, 12)
  })
})
