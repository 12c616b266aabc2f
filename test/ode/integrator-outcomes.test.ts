import { describe, expect, it } from 'vitest'
import type { VectorField } from '../../src/field/vector-field.js'
import { Integrator } from '../../src/ode/integrator.js'
import { methods } from '../../src/ode/methods/index.js'
import { describeOutcome, type Outcome, REACHED } from '../../src/ode/outcome.js'
import { bits } from '../support/arrays.js'
import { equations, randomMlp } from '../support/fields.js'

const adaptive = ['heun', 'bosh3', 'dopri5', 'tsit5'] as const

const blowUp = equations(1, (_t, z, dz) => {
  dz[0] = z[0]! ** 2
})
const notANumber = equations(1, (_t, _z, dz) => {
  dz[0] = Number.NaN
})
const stiff = equations(1, (_t, z, dz) => {
  dz[0] = -1e6 * z[0]!
})

function solve(field: VectorField, options: ConstructorParameters<typeof Integrator>[1], to: number, start = 1) {
  const z = new Float64Array(field.dimension).fill(start)
  const integrator = new Integrator(field, options)
  return { outcome: integrator.propagate(0, to, z), z, integrator }
}

describe.each(adaptive)('%s', name => {
  const method = methods[name]

  it('stops where the solution becomes infinite', () => {
    const { outcome, z } = solve(blowUp, { method, rtol: 1e-4 }, 2)
    expect(outcome.kind).toBe('step-underflow')
    expect((outcome as { h: number }).h).toBeGreaterThan(1e-17) // as long as it moves the time
    // z = 1/(1 − t): the numerical pole lies near one, moved by the global error of some dozens of steps.
    expect(Math.abs((outcome as { t: number }).t - 1)).toBeLessThan(1e-2)
    expect(z.every(Number.isFinite)).toBe(true)
  })

  it('does not take steps that are too short to move the time', () => {
    const integrator = new Integrator(blowUp, { method, rtol: 1e-4 })
    const tape = integrator.createTape()
    integrator.propagate(0, 2, Float64Array.of(1), tape)
    for (let n = 1; n < tape.length; n++) expect(tape.step(n).t).toBeGreaterThan(tape.step(n - 1).t)
  })

  it('stops at once where the field is not a number, and leaves the state', () => {
    const { outcome, z } = solve(notANumber, { method }, 1, 0.25)
    expect(outcome).toEqual({ kind: 'not-finite', t: 0 })
    expect(z[0]).toBe(0.25)
  })

  it('stops before the time from which on the field is not a number', () => {
    const field = equations(1, (t, _z, dz) => {
      dz[0] = Math.sqrt(1 - t)
    })
    const { outcome, z } = solve(field, { method, atol: 1e-6 }, 2, 0)
    expect(outcome.kind).toBe('not-finite')
    // It creeps up to the edge: the area below is 2/3, to within the tolerance of some dozens of steps.
    expect((outcome as { t: number }).t).toBeLessThanOrEqual(1)
    expect(Math.abs(z[0]! - 2 / 3)).toBeLessThan(1e-4)
  })

  it('stops when the step budget of a stiff stretch is spent, and says how far it came', () => {
    const { outcome, z } = solve(stiff, { method, maxSteps: 50 }, 1)
    expect(outcome).toMatchObject({ kind: 'budget-spent', steps: 50 })
    const { t } = outcome as { t: number }
    expect(t).toBeGreaterThan(0)
    expect(t).toBeLessThan(1)
    expect(Number.isFinite(z[0])).toBe(true)
  })

  it('goes on after a failure as if it were new', () => {
    let broken = true
    const field = equations(1, (_t, z, dz) => {
      dz[0] = broken ? Number.NaN : -z[0]!
    })
    const { integrator } = solve(field, { method }, 1)
    broken = false
    const z = Float64Array.of(1)
    expect(integrator.propagate(0, 1, z)).toBe(REACHED)
    expect(bits(z)).toBe(bits(solve(field, { method }, 1).z))
  })
})

describe('fixed steps', () => {
  it('stop when a result is not finite, with the last good state', () => {
    const { outcome, z } = solve(notANumber, { method: methods.rk4, step: 0.1 }, 1, 0.25)
    expect(outcome).toEqual({ kind: 'not-finite', t: 0 })
    expect(z[0]).toBe(0.25)
    const blown = solve(blowUp, { method: methods.euler, step: 0.5 }, 100)
    expect(blown.outcome.kind).toBe('not-finite')
    expect(Number.isFinite(blown.z[0])).toBe(true)
  })

  it('are refused beforehand when they would be too many', () => {
    const { outcome, z, integrator } = solve(blowUp, { method: methods.rk4, step: 0.1, maxSteps: 9 }, 1, 0.5)
    expect(outcome).toEqual({ kind: 'budget-spent', t: 0, steps: 9, stiff: false })
    expect([z[0], integrator.evaluations]).toEqual([0.5, 0])
  })
})

describe('an end that is not a time', () => {
  it.each([Number.NaN, Infinity])('%s costs the budget at most and throws nothing', to => {
    expect(solve(randomMlp(1), { method: methods.tsit5, maxSteps: 30 }, to, 0).outcome.kind).toBe('budget-spent')
    expect(solve(randomMlp(1), { method: methods.rk4, step: 1 }, to, 0).outcome.kind).toBe('budget-spent')
  })
})

describe('describeOutcome', () => {
  it('says where it happened and what to do', () => {
    const outcomes: Outcome[] = [
      { kind: 'budget-spent', t: 41.5, steps: 7, stiff: false },
      { kind: 'step-underflow', t: 41.5, h: 3e-12, stiff: false },
      { kind: 'not-finite', t: 41.5 },
    ]
    const sentences = outcomes.map(describeOutcome)
    for (const sentence of sentences) expect(sentence).toMatch(/t=41\.5: .*\.$/)
    expect(sentences[0]).toContain('budget of 7')
    expect(sentences[1]).toContain('3.0e-12')
    expect(new Set(sentences).size).toBe(3)
    expect(describeOutcome(REACHED)).toBe('The end was reached.')
  })

  it('success is one frozen object, so that it costs nothing', () => {
    const { outcome, z } = solve(randomMlp(1), { method: methods.tsit5 }, 1, 0)
    expect(outcome).toBe(REACHED)
    expect(Object.isFrozen(REACHED)).toBe(true)
    expect(bits(z)).not.toBe(bits(new Float64Array(3)))
  })
})
