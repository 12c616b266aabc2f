import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { STEP_CONTROL_PRESETS, StepControl, torchdiffeqControl } from '../../../src/ode/steps/step-control.js'

const anyError = fc.integer({ min: -200, max: 80 }).map(n => 10 ** (n / 10))
const anyPreset = fc.constantFrom(...STEP_CONTROL_PRESETS)

describe('the step controller', () => {
  it('keeps within its limits, whatever the error', () => {
    const order = fc.integer({ min: 1, max: 8 })
    fc.assert(
      fc.property(anyPreset, order, fc.array(anyError), anyError, (preset, order, before, error) => {
        const control = new StepControl(order, { preset })
        before.forEach(accepted => {
          control.remember(accepted)
        })
        const factor = control.factor(error)
        expect(factor).toBeGreaterThanOrEqual(0.2)
        expect(factor).toBeLessThanOrEqual(10)
      }),
    )
  })

  it.each([Number.NaN, Infinity])('shrinks as far as allowed after the error %s', error => {
    expect(new StepControl(5).factor(error)).toBe(0.2)
  })

  it('grows as far as allowed after an error of zero', () => {
    expect(new StepControl(5).factor(0)).toBe(10)
  })

  it.each(STEP_CONTROL_PRESETS)('%s holds the step at the error it aims at', preset => {
    const control = new StepControl(5, { preset })
    const steady = 0.86 ** 5
    control.remember(steady)
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

  it('may be kept from shortening an accepted step', () => {
    const control = new StepControl(5, torchdiffeqControl)
    expect(control.factor(0.99)).toBe(1)
    expect(control.factor(1.01)).toBeLessThan(1)
  })

  it('keeps its memory where it is told to, so that it can be stored', () => {
    const memory = new Float64Array(2)
    const control = new StepControl(5, { preset: 'h312pid' }, memory)
    control.remember(0.5)
    control.remember(0.25)
    expect(Array.from(memory, x => Math.round(Math.exp(x) * 1e6) / 1e6)).toEqual([0.25, 0.5])
    const restored = new StepControl(5, { preset: 'h312pid' }, memory.slice())
    expect(restored.factor(0.1)).toBe(control.factor(0.1))
  })
})
