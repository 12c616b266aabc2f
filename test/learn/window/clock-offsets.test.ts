import { describe, expect, it } from 'vitest'
import { solveAdjoint } from '../../../src/adjoint/solve-adjoint.js'
import { linear } from '../../../src/field/linear.js'
import { adam } from '../../../src/learn/rules/adam.js'
import { squaredPathLoss } from '../../../src/learn/rules/path-loss.js'
import { ClockOffsets, type SensorReading } from '../../../src/learn/window/clock-offsets.js'
import { Integrator } from '../../../src/ode/integrator.js'
import { methods } from '../../../src/ode/methods/index.js'
import { Random } from '../../../src/random.js'
import { relativeError } from '../../support/arrays.js'
import { differences } from '../../support/finite-differences.js'

const SOLVER = { method: methods.dopri5, rtol: 1e-8, atol: 1e-10 }
const START = Float64Array.of(2, 0)
const field = () => linear(2, Float64Array.of(-0.05, 2, -2, -0.05))

/** Two sensors of one channel each; the second one's clock is behind by `offset`. */
function readings(offset: number, noise: number, seed = 1): SensorReading[] {
  const random = new Random(seed)
  const truth = (t: number) => {
    const z = START.slice()
    new Integrator(field(), { method: methods.dopri8, rtol: 1e-12, atol: 1e-12 }).propagate(0, t, z)
    return z
  }
  return Array.from({ length: 60 }, (_, n) => {
    const sensor = n % 2
    const t = 0.5 + n / 10 + random.uniform() / 20
    const y = Float64Array.of(Number.NaN, Number.NaN)
    y[sensor] = truth(t)[sensor]! + noise * random.normal()
    return { t: t - (sensor === 1 ? offset : 0), sensor, y }
  })
}

function lossOf(offsets: ClockOffsets, all: readonly SensorReading[]) {
  const path = offsets.path(all, 0, START)
  const observed = Array.from({ length: path.length }, (_, i) => path.observed(i))
  const solution = solveAdjoint({
    field: field(),
    path,
    loss: squaredPathLoss(
      observed,
      observed.map(() => 1),
    ),
    solver: SOLVER,
  })
  return { path, solution }
}

describe('clock offsets', () => {
  it('have the gradient of the loss', () => {
    const offsets = new ClockOffsets({ sensors: 2 })
    offsets.parameters[1] = 0.07
    const all = readings(0.2, 0.05)
    const { path, solution } = lossOf(offsets, all)
    const gradient = offsets.gradient(path, solution.gradient.times)
    const expected = differences(() => lossOf(offsets, all).solution.loss, offsets.parameters, 1e-4)
    expect(gradient[0]).toBe(0)
    expect(relativeError([gradient[1]!], [expected[1]!])).toBeLessThan(1e-5)
  })

  it('recover an injected offset, also one of several observations, from noisy readings', () => {
    for (const offset of [0.23, -0.17]) {
      const offsets = new ClockOffsets({ sensors: 2 })
      const all = readings(offset, 0.05)
      const optimizer = adam(2, { rate: 0.01 })
      for (let n = 0; n < 200; n++) {
        const { path, solution } = lossOf(offsets, all)
        optimizer.update(offsets.parameters, offsets.gradient(path, solution.gradient.times))
        offsets.fix()
      }
      // Noise 0.05 at slopes of four, thirty readings: 0.05 / 4 / √30 = 0.0023 is the best that can be had; three of them.
      expect(Math.abs(offsets.parameters[1]! - offset)).toBeLessThan(0.007)
      expect(offsets.parameters[0]).toBe(0)
    }
  })

  it('have a gauge that keeps their mean, and a prior that draws them to zero', () => {
    const offsets = new ClockOffsets({ sensors: 3, gauge: 'mean', deviation: 0.5 })
    offsets.parameters.set([0.4, -0.1, 0.3])
    offsets.fix()
    expect(Math.abs(offsets.parameters.reduce((sum, x) => sum + x, 0))).toBeLessThan(1e-15)
    const path = offsets.path([], 0, START)
    // Without readings there is only the prior, δ/σ².
    expect(
      relativeError(
        offsets.gradient(path, []),
        offsets.parameters.map(x => x / 0.25),
      ),
    ).toBeLessThan(1e-14)
  })

  it('refuse a reading that they move before the start', () => {
    const offsets = new ClockOffsets({ sensors: 1, gauge: 'mean' })
    offsets.parameters[0] = -2
    expect(() => offsets.path([{ t: 1, sensor: 0, y: START }], 0, START)).toThrow(/t=-1 after its offset/)
  })
})
