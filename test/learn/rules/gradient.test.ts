import { describe, expect, it } from 'vitest'
import { Sweep } from '../../../src/adjoint/sweep.js'
import { createModel } from '../../../src/learn/model/model.js'
import { adam } from '../../../src/learn/rules/adam.js'
import { GradientRule } from '../../../src/learn/rules/gradient.js'
import { huber, type Loss, squared } from '../../../src/learn/rules/losses.js'
import type { Optimizer } from '../../../src/learn/rules/optimizer.js'
import { methods } from '../../../src/ode/methods/index.js'
import { Random } from '../../../src/random.js'
import { array, bits, relativeError } from '../../support/arrays.js'
import { differences } from '../../support/finite-differences.js'
import { path } from '../../support/paths.js'

const fixed = { method: methods.rk4, step: 0.25 }

/** Keeps the gradient instead of using it. */
function recorder(): Optimizer & { readonly gradients: Float64Array[] } {
  const gradients: Float64Array[] = []
  return { state: {}, gradients, update: (_parameters, gradient) => gradients.push(gradient.slice()) }
}

function window() {
  const model = createModel({ channels: 2, dynamics: { hidden: [3] } })
  const random = new Random(1)
  for (let i = 0; i < model.parameters.length; i++) model.parameters[i]! += 0.3 * random.normal()
  const values = Array.from({ length: 5 }, () =>
    array(2, () => (random.uniform() < 0.3 ? Number.NaN : random.normal())),
  )
  values[4]![0] = 1.5
  const observed = path(new Float64Array(4), [0.3, 0.7, 0.7, 1.2, 1.9], values)
  const sweep = new Sweep(model.field, model.update, fixed)
  return { model, sweep, observed, values }
}

const losses: [string, Loss][] = [
  ['squared', squared],
  ['huber', huber(0.5)],
]

describe('the gradient rule', () => {
  it.each(losses)(
    'F21: uses the gradient of the mean %s loss over the values of the window, missing ones left out',
    (_, loss) => {
      const { model, sweep, observed, values } = window()
      const optimizer = recorder()
      const measured = values.flatMap(y => Array.from(y)).filter(y => !Number.isNaN(y)).length
      const total = () => {
        sweep.forward(observed)
        let sum = 0
        values.forEach((y, i) => {
          y.forEach((value, j) => {
            if (!Number.isNaN(value)) sum += loss.value(sweep.before(i)[j]! - value, j)
          })
        })
        return sum / measured
      }
      const expected = differences(total, model.parameters)
      sweep.forward(observed)
      const rule = new GradientRule(model, () => optimizer, { loss, clip: 1e9 })
      const { gradientNorm } = rule.learn(sweep, 4)
      // Central differences of a loss of size one.
      expect(relativeError(optimizer.gradients[0]!, expected)).toBeLessThan(1e-8)
      expect(gradientNorm).toBeCloseTo(Math.hypot(...expected), 7)
    },
  )

  it('shortens a gradient that is too long, and reports its full length', () => {
    const { model, sweep, observed } = window()
    const optimizer = recorder()
    sweep.forward(observed)
    const { gradientNorm } = new GradientRule(model, () => optimizer, { clip: 1e-3 }).learn(sweep, 4)
    expect(gradientNorm).toBeGreaterThan(1e-2)
    // A product of rounded numbers.
    expect(Math.hypot(...optimizer.gradients[0]!)).toBeCloseTo(1e-3, 12)
  })

  it('changes nothing when the gradient is not finite', () => {
    for (const bad of [Number.NaN, Infinity]) {
      const { model, sweep, observed } = window()
      const rule = new GradientRule(model, adam, { loss: { ...squared, slope: () => bad } })
      sweep.forward(observed)
      const before = [model.parameters, ...Object.values(rule.state)].map(bits)
      expect(rule.learn(sweep, 4).rejected).toMatch(/not finite/)
      expect([model.parameters, ...Object.values(rule.state)].map(bits)).toEqual(before)
    }
  })

  it('learns nothing from a window without values', () => {
    const { model, sweep, observed } = window()
    for (const y of observed.values) y.fill(Number.NaN)
    const optimizer = recorder()
    sweep.forward(observed)
    expect(new GradientRule(model, () => optimizer).learn(sweep, 4)).toEqual({ gradientNorm: 0 })
    expect(optimizer.gradients).toEqual([])
  })

  it('keeps everything it needs to go on in its state', () => {
    const { model } = window()
    const { state } = new GradientRule(model, adam)
    expect(Object.keys(state).sort()).toEqual(['first', 'noise', 'noiseCounts', 'powers', 'second'])
  })
})
