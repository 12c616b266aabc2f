import { describe, expect, it } from 'vitest'
import { linear } from '../../../src/field/linear.js'
import { Learner } from '../../../src/learn/learner.js'
import { TABLEAU_NAMES } from '../../../src/names.js'
import { methods } from '../../../src/ode/methods/index.js'
import { describeOutcome } from '../../../src/ode/outcome.js'
import { decay } from '../../support/fields.js'
import { robertson, solve, vanDerPol } from '../../support/stiff-fields.js'
import { isWritable, simulated } from '../../support/streams.js'

describe('F60: explicit methods on stiff fields', () => {
  it.each([1e2, 1e4, 1e6, 1e8])('λ = −%d ends within the step budget, in a value', rate => {
    for (const method of [methods.dopri5, methods.tsit5, methods.dopri8]) {
      const { outcome, integrator } = solve(decay(rate), [1], 1e4, { method, maxSteps: 1000 })
      expect(outcome.kind).toBe('budget-spent')
      expect(integrator.evaluations).toBeLessThan(1000 * 13 + 3)
    }
  })

  it.each([1e4, 1e5, 1e6, 1e7, 1e8])(
    'λ = −%d is found stiff within 60 steps, and the outcome names the remedy',
    rate => {
      for (const method of [methods.dopri5, methods.tsit5]) {
        const { outcome, integrator, tape } = solve(decay(rate), [1], 1, {
          method,
          rtol: 1e-6,
          atol: 1e-6,
          maxSteps: 60,
        })
        expect(integrator.stiffSince).toBeLessThanOrEqual(tape.step(59)?.t ?? 1)
        expect(describeOutcome(outcome)).toContain('"kvaerno5" or "auto"')
      }
    },
  )

  it('Van der Pol with μ = 1000 is found stiff within 60 steps', () => {
    const options = { method: methods.dopri5, rtol: 1e-6, atol: 1e-6, maxSteps: 60 }
    const { outcome } = solve(vanDerPol(1000), [2, 0], 2000, options)
    expect(outcome).toMatchObject({ kind: 'budget-spent', stiff: true })
  })

  it.each([1e2, 1e4, 1e6, 1e8])(
    'F51: λ = −%d in a learner: each observation gives an estimate, within 50 ms, and the update is skipped in a sentence where it fails',
    rate => {
      const parameters = Float64Array.of(-rate, 0, 0, -rate)
      const learner = new Learner({
        window: 4,
        warmup: 5,
        model: {
          augment: 0,
          dynamics: { kind: 'custom', name: 'stiff', dimension: 2, create: () => linear(2, parameters.slice()) },
        },
      })
      const took: number[] = []
      const estimates = simulated({ system: 'van-der-pol', count: 40 }).map(observation => {
        const began = process.cpuUsage()
        const estimate = learner.observe(observation)
        const { user, system } = process.cpuUsage(began)
        took.push((user + system) / 1000)
        return estimate
      })
      expect(estimates.every(isWritable)).toBe(true)
      // Once the code is compiled.
      expect(Math.max(...took.slice(8))).toBeLessThan(50)
      const rejected = estimates.flatMap(({ update }) => update.rejected ?? [])
      expect(rejected.length > 0).toBe(rate > 100)
      for (const sentence of rejected)
        expect(sentence).toMatch(/^The step budget of 1000 was spent at t=.*"kvaerno5" or "auto"/)
    },
  )

  it.each(TABLEAU_NAMES.filter(name => methods[name].adaptive && !methods[name].implicit))(
    'Robertson and Van der Pol with μ = 1000 end within the budget of %s, in an outcome that names a method for them',
    method => {
      for (const [field, start] of [
        [robertson(), [1, 0, 0]],
        [vanDerPol(1000), [2, 0]],
      ] as const) {
        const options = { method: methods[method], rtol: 1e-6, atol: 1e-10, maxSteps: 2000 }
        const { outcome, integrator, z } = solve(field, start, 2000, options)
        expect(outcome.kind).toBe('budget-spent')
        expect(describeOutcome(outcome)).toMatch(/use method ("kvaerno5" or )?"auto"/)
        expect(integrator.evaluations).toBeLessThanOrEqual(2000 * methods[method].stages + 3)
        expect(z.every(Number.isFinite)).toBe(true)
      }
    },
  )

  it('Robertson and Van der Pol with μ = 1000 are found stiff too', () => {
    for (const [field, start] of [
      [robertson(), [1, 0, 0]],
      [vanDerPol(1000), [2, 0]],
    ] as const) {
      const { outcome } = solve(field, start, 2000, { method: methods.tsit5, rtol: 1e-6, atol: 1e-10, maxSteps: 2000 })
      expect(outcome).toMatchObject({ kind: 'budget-spent', stiff: true })
      expect(describeOutcome(outcome)).toContain('the field is stiff there')
    }
  })
})
