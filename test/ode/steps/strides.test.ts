import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mlp, mlpLayout, mlpShape } from '../../../src/field/mlp.js'
import type { VectorField } from '../../../src/field/vector-field.js'
import { Integrator } from '../../../src/ode/integrator.js'
import type { IntegratorOptions } from '../../../src/ode/integrator-options.js'
import { auto } from '../../../src/ode/method.js'
import { methods } from '../../../src/ode/methods/index.js'
import type { Outcome } from '../../../src/ode/outcome.js'
import { Random } from '../../../src/random.js'
import { array, bits } from '../../support/arrays.js'

/** @param scale Of the weights: large ones make the field stiff. */
function field(seed: number, scale: number): VectorField {
  const shape = mlpShape({ dimension: 3, hidden: [6], activation: 'tanh', time: true, skip: true })
  const random = new Random(seed)
  return mlp(
    shape,
    array(mlpLayout(shape).length, () => scale * random.normal()),
  )
}

function stageByStage({ wholeSteps, ...rest }: VectorField): VectorField {
  expect(wholeSteps).toBeDefined()
  return rest
}

/** Everything that can be seen of stretches from time to time. */
function trace(which: VectorField, options: IntegratorOptions, times: readonly number[], past = false) {
  const integrator = new Integrator(which, options)
  const tape = integrator.createTape()
  const z = Float64Array.of(0.3, -0.8, 1.1)
  which.prepare?.()
  const outcomes: Outcome[] = []
  for (let i = 1; i < times.length; i++) {
    const [from, to] = [times[i - 1]!, times[i]!]
    outcomes.push(past ? integrator.propagatePast(from, to, z, tape) : integrator.propagate(from, to, z, tape))
    if (outcomes.at(-1)!.kind !== 'reached') break
  }
  const steps = Array.from({ length: tape.length }, (_, n) => {
    const { t, h, end, method, states, slopes } = tape.step(n)
    return [method.name, ...[Float64Array.of(t, h, end), states[0]!, slopes.at(method.stages - 1)!].map(bits)]
  })
  const { evaluations, stiffSince } = integrator
  return { outcomes, steps, evaluations, stiffSince, z: bits(z), state: bits(integrator.state) }
}

function compare(which: VectorField, options: IntegratorOptions, times: readonly number[], past = false) {
  const strides = trace(which, options, times, past)
  expect(strides).toEqual(trace(stageByStage(which), options, times, past))
  return strides
}

const adaptive = Object.values(methods).filter(each => each.adaptive && !each.implicit)

describe('many steps in one call are those of the integrator', () => {
  it.each(adaptive.map(({ name }) => name))('%s, bit for bit, whatever comes up', name => {
    const method = adaptive.find(each => each.name === name)!
    const gaps = fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 1, maxLength: 6 })
    const property = fc.property(
      fc.integer(),
      fc.constantFrom(0.3, 1, 6),
      gaps,
      fc.constantFrom(1, -1),
      fc.constantFrom(1e-3, 1e-7),
      fc.constantFrom(5, 10_000),
      fc.boolean(),
      fc.constantFrom(10, 1.7e9),
      (seed, scale, spacing, direction, rtol, maxSteps, past, start) => {
        let t = start
        const times = [t, ...spacing.map(gap => (t += direction * gap))]
        compare(field(seed, scale), { method, rtol, atol: 1e-6, maxSteps, normed: 1 + (seed & 1) }, times, past)
      },
    )
    fc.assert(property, { numRuns: 40 })
  })

  it('a field that turns stiff is found stiff at the same step, and auto changes its method there', () => {
    const which = field(1, 0.3)
    which.parameters.set([-500, 0, 0], which.parameters.length - 9) // z₀' ≈ −500 z₀
    for (const method of [methods.tsit5!, auto]) {
      const { stiffSince } = compare(which, { method, rtol: 1e-4, atol: 1e-4 }, [0, 40])
      expect(stiffSince).toBeGreaterThan(0)
    }
  })

  it('a time that is no number leads nowhere, and writes nowhere', () => {
    for (const past of [false, true]) {
      const options = { method: methods.tsit5!, maxSteps: 50 }
      const { outcomes } = compare(field(4, 0.3), options, [0, 1, Number.NaN], past)
      expect(outcomes.at(-1)!.kind).not.toBe('reached')
    }
  })

  it('a state that is no longer finite ends the stretch with the same outcome', () => {
    const which = field(2, 1)
    which.parameters[0] = Number.NaN
    const { outcomes } = compare(which, { method: methods.dopri5! }, [0, 1])
    expect(outcomes.at(-1)!.kind).toBe('not-finite')
  })

  it('and so does a step that collapses', () => {
    const explosive = field(3, 1)
    explosive.parameters.set([60, 0, 0], explosive.parameters.length - 9) // z₀' ≈ 60 z₀: e^710 is reached at t ≈ 12
    const { outcomes } = compare(explosive, { method: methods.tsit5!, maxSteps: 1e6 }, [0, 20])
    expect(outcomes.at(-1)!.kind).not.toBe('reached')
  })
})
