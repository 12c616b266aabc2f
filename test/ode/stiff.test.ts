import { describe, expect, it } from 'vitest'
import { solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { closure } from '../../src/field/closure.js'
import { squaredPathLoss } from '../../src/learn/rules/path-loss.js'
import { auto } from '../../src/ode/method.js'
import { methods } from '../../src/ode/methods/index.js'
import { describeOutcome, REACHED } from '../../src/ode/outcome.js'
import { decay } from '../support/fields.js'
import { differences, smoothDifferences } from '../support/finite-differences.js'
import { path } from '../support/paths.js'
import { robertson, solve, vanDerPol } from '../support/stiff-fields.js'

describe('problems with published values', () => {
  /** Test Set for IVP Solvers, release 2.4: ROBER at 1e11, and VDPOL with ε = 1e-6, there in scaled time. */
  const ROBER = [0.2083340149701255e-7, 0.8333360770334713e-13, 0.999999979166505]
  const VDPOL = [1.706167732170469, -0.8928097010248125e-3]

  const show = (z: Float64Array, exact: readonly number[]) =>
    `relative errors ${exact.map((x, i) => Math.abs(z[i]! / x - 1).toExponential(1)).join(', ')}`

  it.each(['kvaerno3', 'kvaerno5', 'auto'] as const)('%s solves Robertson to t = 1e11', name => {
    const method = name === 'auto' ? auto : methods[name]
    const { outcome, z, integrator } = solve(robertson(), [1, 0, 0], 1e11, {
      method,
      rtol: 1e-8,
      atol: 1e-20,
      maxSteps: 100_000,
    })
    expect(outcome).toBe(REACHED)
    console.log(`${name} on Robertson at 1e-8: ${show(z, ROBER)}, ${integrator.evaluations} evaluations`)
    // rtol is 1e-8; the error of a thousand local errors that mostly die out.
    for (let i = 0; i < 3; i++) expect(Math.abs(z[i]! / ROBER[i]! - 1)).toBeLessThan(5e-7)
    expect(integrator.evaluations).toBeLessThan(200_000)
  })

  it.each(['kvaerno5', 'auto'] as const)('%s solves Van der Pol with μ = 1000 to t = 2000', name => {
    const method = name === 'auto' ? auto : methods[name]
    const { outcome, z, integrator } = solve(vanDerPol(1000), [2, 0], 2000, { method, rtol: 1e-8, atol: 1e-10 })
    expect(outcome).toBe(REACHED)
    console.log(`${name} on Van der Pol at 1e-8: ${show(z, VDPOL)}, ${integrator.evaluations} evaluations`)
    // An error in the period shifts the phase: a hundred tolerances are left.
    expect(Math.abs(z[0]! / VDPOL[0]! - 1)).toBeLessThan(1e-6)
    expect(Math.abs(z[1]! / VDPOL[1]! - 1)).toBeLessThan(2e-6)
    expect(integrator.evaluations).toBeLessThan(60_000)
  })

  it('auto steps explicitly where that is cheaper, and implicitly where the field is stiff', () => {
    const { tape, integrator } = solve(vanDerPol(1000), [2, 0], 2000, { method: auto, rtol: 1e-6, atol: 1e-8 })
    const used = new Set(Array.from({ length: tape.length }, (_, n) => tape.step(n).method.name))
    expect([...used].sort()).toEqual(['kvaerno5', 'tsit5'])
    expect(integrator.stiffSince).toBeLessThan(1)
    const mild = solve(vanDerPol(1), [2, 0], 50, { method: auto, rtol: 1e-6, atol: 1e-8 })
    for (let n = 0; n < mild.tape.length; n++) expect(mild.tape.step(n).method.name).toBe('tsit5')
  })
})

describe('gradients through stiff steps', () => {
  it.each(['kvaerno3', 'kvaerno5', 'auto'] as const)(
    '%s: the discrete adjoint of Robertson agrees with differences',
    name => {
      const method = name === 'auto' ? auto : methods[name]
      const field = robertson()
      const start = Float64Array.of(1, 0, 0)
      const values = [0.01, 0.4, 4, 40].map(() => Float64Array.of(0.9, Number.NaN, 0.1))
      const problem = {
        field,
        path: path(start, [0.01, 0.4, 4, 40], values),
        loss: squaredPathLoss(values, [1, 1, 1, 1]),
        solver: { method, rtol: 1e-10, atol: 1e-14 },
      }
      const { gradient, outcome } = solveAdjoint(problem)
      expect(outcome).toBe(REACHED)
      const loss = () => solveAdjoint(problem).loss
      // Relative steps: the parameters are of very different size. Steps of the solver move with them, by the tolerance.
      field.parameters.forEach((value, k) => {
        const h = 1e-4 * value
        field.parameters[k] = value + h
        const up = loss()
        field.parameters[k] = value - h
        const down = loss()
        field.parameters[k] = value
        expect(Math.abs((up - down) / (2 * h) / gradient.field[k]! - 1)).toBeLessThan(1e-5)
      })
    },
  )

  it.each(['kvaerno5', 'auto'] as const)(
    '%s: of Van der Pol by μ = 1000, over a jump of relaxation, agree with differences',
    name => {
      const field = vanDerPol(1000)
      const values = [Float64Array.of(1, Number.NaN)]
      const problem = {
        field,
        // The first jump is near t = 807.
        path: path(Float64Array.of(2, 0), [1000], values),
        loss: squaredPathLoss(values, [1]),
        solver: { method: name === 'auto' ? auto : methods[name], rtol: 1e-10, atol: 1e-13, maxSteps: 100_000 },
      }
      const { gradient, outcome } = solveAdjoint(problem)
      expect(outcome).toBe(REACHED)
      const expected = smoothDifferences(() => solveAdjoint(problem).loss, field.parameters, 2)
      console.log(`${name}: ∂L/∂μ ${gradient.field[0]} by the adjoint, ${expected[0]} by differences`)
      // The time of the jump goes with μ; steps of the solver move with it, by the tolerance times what the jump magnifies.
      expect(Math.abs(gradient.field[0]! / expected[0]! - 1)).toBeLessThan(1e-4)
    },
  )

  it('of Van der Pol with μ = 1000 over its slow stretch agree with differences', () => {
    const start = Float64Array.of(2, 0)
    const values = [Float64Array.of(1, 0), Float64Array.of(1, 0)]
    const problem = {
      field: vanDerPol(1000),
      path: path(start, [200, 600], values),
      loss: squaredPathLoss(values, [1, 1]),
      solver: { method: methods.kvaerno5, rtol: 1e-10, atol: 1e-12 },
    }
    const { gradient } = solveAdjoint(problem)
    const expected = differences(() => solveAdjoint(problem).loss, start, 1e-4)
    // The velocity is forgotten at once; its gradient is a thousandth of the other and below the differences' rounding.
    expect(Math.abs(gradient.start[0]! / expected[0]! - 1)).toBeLessThan(1e-5)
  })
})

describe('implicit stages', () => {
  it('need few Jacobians: one serves many steps of a smooth field', () => {
    const { integrator, tape } = solve(vanDerPol(100), [2, 0], 50, { method: methods.kvaerno5, rtol: 1e-6, atol: 1e-8 })
    expect(integrator.jacobians).toBeLessThan(tape.length)
  })

  it('that cannot be solved with a fixed step are an outcome', () => {
    const field = closure({ dimension: 1, evaluate: (_t, z, dz) => dz.fill(Math.abs(z[0]!) > 0.5 ? Number.NaN : 40) })
    const { outcome } = solve(field, [0], 1, { method: methods.kvaerno3, step: 1 })
    expect(outcome.kind).toBe('not-solved')
    expect(describeOutcome(outcome)).toContain('shorter step')
  })

  it('are L-stable: one step over a thousand time constants leaves nothing', () => {
    for (const method of [methods.kvaerno3, methods.kvaerno5]) {
      const { z } = solve(decay(1e6), [1], 1, { method, step: 1 })
      expect(Math.abs(z[0]!)).toBeLessThan(1e-3)
    }
  })
})
