import { describe, expect, it } from 'vitest'
import { DiscreteAdjoint } from '../../src/adjoint/discrete.js'
import { solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { TABLEAU_NAMES, UPDATE_NAMES } from '../../src/names.js'
import { Integrator } from '../../src/ode/integrator.js'
import { methods } from '../../src/ode/methods/index.js'
import { bits, dot, relativeError } from '../support/arrays.js'
import { randomMlp } from '../support/fields.js'
import { differences } from '../support/finite-differences.js'
import { lossOf, testWindow } from '../support/windows.js'

/** Implicit stages are solved to the last digits, or finite differences would see where the iteration stopped. */
const EXACT = { rtol: 1e-13, atol: 1e-13 }

describe.each(TABLEAU_NAMES)('one step of %s', name => {
  const method = methods[name]
  const field = randomMlp(1, { time: true, skip: true })
  const [t, h] = [0.4, 0.7]
  const z = Float64Array.of(0.3, -0.5, 0.8)
  const a = Float64Array.of(1, -2, 0.5)

  const step = () => {
    const integrator = new Integrator(field, { method, step: 1, ...EXACT })
    const tape = integrator.createTape()
    const end = z.slice()
    integrator.propagate(t, t + h, end, tape)
    return { tape, end }
  }
  const pull = (adjoint: Float64Array, into = new Float64Array(field.parameters.length)) => {
    const lambda = adjoint.slice()
    const discrete = new DiscreteAdjoint(field, true)
    discrete.start(step().tape, into)
    discrete.pullTo(undefined, lambda)
    return { lambda, into, spent: discrete.evaluations }
  }

  it('is pulled back as its derivative', () => {
    const { lambda, into } = pull(a)
    const product = () => dot(a, step().end)
    // Central differences of a function of size one: 4e-11 of rounding, as much of truncation.
    expect(relativeError(lambda, differences(product, z))).toBeLessThan(1e-8)
    expect(relativeError(into, differences(product, field.parameters))).toBeLessThan(1e-8)
  })

  it('costs one vjp for every stage that reaches the result', () => {
    const { stages, implicit, b } = method
    // An implicit stage has to be solved: three more make the Jacobian of a field of dimension three.
    const expected = implicit ? 1 + 4 * (stages - 1) : b[stages - 1] === 0 ? stages - 1 : stages
    expect(pull(a).spent).toBe(expected)
  })

  it('adds to the gradient of the parameters', () => {
    const once = pull(a).into
    const twice = pull(a, pull(a).into).into
    // Sums in another order: a few roundings.
    expect(
      relativeError(
        twice,
        once.map(x => 2 * x),
      ),
    ).toBeLessThan(1e-14)
  })

  it('is linear in the adjoint: half of it gives half, bit for bit', () => {
    const [whole, half] = [pull(a), pull(a.map(x => x / 2))]
    expect(bits(half.lambda.map(x => 2 * x))).toBe(bits(whole.lambda))
    expect(bits(half.into.map(x => 2 * x))).toBe(bits(whole.into))
  })
})

/** The promise of the discrete adjoint: the exact derivative of the numbers that were computed, however coarse the steps. */
describe.each(TABLEAU_NAMES)('a window of coarse steps of %s', name => {
  it.each(UPDATE_NAMES.flatMap(update => [0, 0.4].map(missing => ({ update, missing }))))(
    'N31: has the gradient of the computed loss: update $update, $missing of the values missing',
    ({ update, missing }) => {
      for (const seed of [1, 2]) {
        const window = testWindow(seed, { solver: { method: methods[name], step: 0.25, ...EXACT }, update, missing })
        const { gradient } = solveAdjoint(window)
        const loss = () => lossOf(window)
        // Measured in FAULTS.md §3.4: 2e-10 at this step of the differences.
        expect(relativeError(gradient.start, differences(loss, window.path.startState))).toBeLessThan(1e-8)
        expect(relativeError(gradient.field, differences(loss, window.field.parameters))).toBeLessThan(1e-8)
        expect(relativeError(gradient.update, differences(loss, window.update!.parameters))).toBeLessThan(1e-8)
      }
    },
  )
})
