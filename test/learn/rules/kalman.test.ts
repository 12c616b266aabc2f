import { describe, expect, it } from 'vitest'
import { Sweep } from '../../../src/adjoint/sweep.js'
import { none } from '../../../src/adjoint/update/none.js'
import type { VectorField } from '../../../src/field/vector-field.js'
import { createModel, type Model } from '../../../src/learn/model/model.js'
import { KalmanRule } from '../../../src/learn/rules/kalman.js'
import { methods } from '../../../src/ode/methods/index.js'
import { Random } from '../../../src/random.js'
import { array, bits, dot, relativeError } from '../../support/arrays.js'
import { addOuter, apply, diagonalMatrix, invert } from '../../support/dense.js'
import { differences } from '../../support/finite-differences.js'
import { path } from '../../support/paths.js'

const fixed = { method: methods.rk4, step: 0.25 }

/** z₀' = θ₀ + θ₁ t and z₁' = θ₂ + θ₁ t²: predictions are linear in θ, and a method of order four integrates them exactly. */
function linearModel(vjpScale = 1): Model {
  const parameters = Float64Array.of(0.5, -1, 2)
  const field: VectorField = {
    dimension: 2,
    parameters,
    evaluate(t, _z, dz) {
      dz[0] = parameters[0]! + parameters[1]! * t
      dz[1] = parameters[2]! + parameters[1]! * t * t
    },
    vjp(t, _z, a, _az, atheta) {
      atheta[0]! += a[0]! * vjpScale
      atheta[1]! += a[0]! * t + a[1]! * t * t
      atheta[2]! += a[1]!
      return a[0]! * parameters[1]! + 2 * a[1]! * parameters[1]! * t
    },
  }
  return { channels: 2, dimension: 2, parameters, field, update: none(), spread: Float64Array.of(1, 0.5, 2) }
}

const sensitivityAt = (t: number) => [
  [t, t ** 2 / 2, 0],
  [0, t ** 3 / 3, t],
]

/** Shows one observation at t to a rule, from the state zero at time zero. */
function observe(rule: KalmanRule, model: Model, t: number, y: Float64Array) {
  const sweep = new Sweep(model.field, model.update, fixed)
  sweep.forward(path(new Float64Array(2), [t], [y]))
  rule.assess(sweep, 0)
  return rule.learn(sweep, 0)
}

describe('the Kalman rule', () => {
  it('is recursive least squares where predictions are linear in the parameters', () => {
    const model = linearModel()
    const rule = new KalmanRule(model, { forgetting: 1, clip: 1e9 })
    const random = new Random(1)
    let information = diagonalMatrix(model.spread.map(deviation => 1 / deviation ** 2))
    let right = apply(information, model.parameters)
    for (let k = 0; k < 60; k++) {
      const t = 0.2 + 2 * random.uniform()
      const psi = sensitivityAt(t)
      const y = array(2, j =>
        random.uniform() < 0.2 ? Number.NaN : dot(psi[j]!, [1, -0.5, 0.3]) + 0.1 * random.normal(),
      )
      const noise = rule.noise.slice()
      observe(rule, model, t, y)
      for (const j of [0, 1]) {
        if (Number.isNaN(y[j])) continue
        information = addOuter(information, psi[j]!, psi[j]!, 1 / noise[j]!)
        right = right.map((sum, i) => sum + (psi[j]![i]! * y[j]!) / noise[j]!)
      }
    }
    // The closed form: (P₀⁻¹ + Σ ψψᵀ/R)⁻¹ (P₀⁻¹θ₀ + Σ ψ y/R). A hundred rank-one updates against one inversion.
    expect(relativeError(model.parameters, apply(invert(information), right))).toBeLessThan(1e-10)
    // And it found what the data were made with: deviation 0.1 over the root of some fifty values.
    expect(relativeError(model.parameters, [1, -0.5, 0.3])).toBeLessThan(0.1)
  })

  it('predicts with the variance of its parameters and of the noise, before it sees the value', () => {
    const model = linearModel()
    const rule = new KalmanRule(model)
    const sweep = new Sweep(model.field, model.update, fixed)
    sweep.forward(path(new Float64Array(2), [1.5], [Float64Array.of(9, Number.NaN)]))
    rule.assess(sweep, 0)
    const expected = sensitivityAt(1.5).map(
      psi =>
        dot(
          psi,
          model.spread.map((s, i) => s * s * psi[i]!),
        ) + 1,
    )
    // Products and sums of a few numbers.
    expect(relativeError(rule.variance, expected)).toBeLessThan(1e-13)
    expect(rule.explained(Float64Array.from(sensitivityAt(1.5)[0]!)) + 1).toBeCloseTo(expected[0]!, 12)
  })

  it('finds its sensitivity through the update maps of earlier observations', () => {
    const model = createModel({ channels: 2, dynamics: { hidden: [3] } })
    const random = new Random(2)
    for (let i = 0; i < model.parameters.length; i++) model.parameters[i]! += 0.3 * random.normal()
    const values = Array.from({ length: 4 }, () => array(2, () => random.normal()))
    values[1]![0] = Number.NaN
    const observed = path(new Float64Array(4), [0.3, 0.7, 1.2, 1.9], values)
    const sweep = new Sweep(model.field, model.update, fixed)
    const predict = (j: number) => {
      sweep.forward(observed)
      return sweep.before(3)[j]!
    }
    const rule = new KalmanRule(model)
    sweep.forward(observed)
    rule.assess(sweep, 3)
    const explained = rule.variance.map((variance, j) => variance - rule.noise[j]!)
    const byDifferences = [0, 1].map(j => {
      const psi = differences(() => predict(j), model.parameters)
      return psi.reduce((sum, slope, i) => sum + (slope * model.spread[i]!) ** 2, 0)
    })
    // Twice the 1e-8 of central differences, because it is squared.
    expect(relativeError(explained, byDifferences)).toBeLessThan(2e-8)
  })

  it('expects some error of its prediction before it has assessed one', () => {
    for (const variance of new KalmanRule(linearModel()).variance) expect(variance).toBeGreaterThan(0)
  })

  it('F20, F61: cuts an outlier, says so, and stays finite whatever its size', () => {
    const moved = [10, 1e30, 1e300, Infinity].map(outlier => {
      const model = linearModel()
      const before = model.parameters.slice()
      const report = observe(new KalmanRule(model), model, 1, Float64Array.of(outlier, Number.NaN))
      const { gradientNorm, rejected, clipped } = report
      expect([rejected, clipped]).toEqual([undefined, 1])
      if (outlier < Infinity) expect(gradientNorm).toBeLessThan(Infinity)
      return model.parameters.map((value, i) => value - before[i]!)
    })
    for (const change of moved) expect(bits(change)).toBe(bits(moved[0]!))
  })

  it('changes nothing at all when the sensitivity is not a number', () => {
    const model = linearModel(Number.NaN)
    const rule = new KalmanRule(model)
    rule.state.covariance!.set([0.5], 0)
    const before = [model.parameters, ...Object.values(rule.state)].map(bits)
    expect(observe(rule, model, 1, Float64Array.of(1, 2)).rejected).toMatch(/not finite/)
    expect([model.parameters, ...Object.values(rule.state)].map(bits)).toEqual(before)
  })

  it('sets a covariance that is no longer one back to its prior, and says so', () => {
    const model = linearModel()
    const rule = new KalmanRule(model)
    const before = model.parameters.slice()
    rule.state.covariance!.fill(-1)
    expect(observe(rule, model, 1, Float64Array.of(1, 2)).rejected).toMatch(/definiteness/)
    expect(model.parameters).toEqual(before)
    expect(observe(rule, model, 1, Float64Array.of(1, 2)).rejected).toBeUndefined()
    expect(model.parameters).not.toEqual(before)
  })

  it('learns nothing from an observation without values', () => {
    const model = linearModel()
    const rule = new KalmanRule(model)
    const before = [model.parameters, ...Object.values(rule.state)].map(bits)
    expect(observe(rule, model, 1, Float64Array.of(Number.NaN, Number.NaN))).toEqual({ gradientNorm: 0 })
    expect([model.parameters, ...Object.values(rule.state)].map(bits)).toEqual(before)
  })

  it('goes on exactly from its stored state', () => {
    const [model, copy] = [linearModel(), linearModel()]
    const [original, restored] = [new KalmanRule(model), new KalmanRule(copy)]
    const random = new Random(3)
    const y = () => array(2, () => random.normal())
    for (let k = 0; k < 10; k++) observe(original, model, 1 + 0.1 * k, y())
    copy.parameters.set(model.parameters)
    for (const [name, values] of Object.entries(original.state)) restored.state[name]!.set(values)
    for (let k = 0; k < 10; k++) {
      const value = y()
      observe(original, model, 1, value)
      observe(restored, copy, 1, value)
    }
    expect(bits(copy.parameters)).toBe(bits(model.parameters))
  })
})
