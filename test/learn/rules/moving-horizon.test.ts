import { describe, expect, it } from 'vitest'
import { closure } from '../../../src/field/closure.js'
import { linear } from '../../../src/field/linear.js'
import { GaussianState } from '../../../src/learn/rules/gaussian-state.js'
import { MovingHorizon, type MovingHorizonOptions } from '../../../src/learn/rules/moving-horizon.js'
import { methods } from '../../../src/ode/methods/index.js'
import { Random } from '../../../src/random.js'
import { relativeError } from '../../support/arrays.js'
import { expm } from '../../support/dense.js'

const SOLVER = { method: methods.dopri8, rtol: 1e-12, atol: 1e-13 }
const MATRIX = [
  [-0.1, 1.2],
  [-1.2, -0.2],
]
const START = { mean: Float64Array.of(0.5, -0.2), deviation: Float64Array.of(1, 2) }
const NOISE = Float64Array.of(0.04)

/** The first component at irregular times, now and then missing. */
const stream = (seed: number, count: number) => {
  const random = new Random(seed)
  let t = 0
  return Array.from({ length: count }, () => {
    t += 0.1 + random.uniform()
    return { t, y: Float64Array.of(random.uniform() < 0.2 ? Number.NaN : Math.sin(1.2 * t) + 0.2 * random.normal()) }
  })
}

/** The Kalman filter with exact transitions: what the moving horizon must not differ from. */
function* kalman(observations: ReturnType<typeof stream>, diffusion = 0) {
  let state = GaussianState.diagonal(START.mean, START.deviation)
  let now = observations[0]!.t
  for (const { t, y } of observations) {
    const gap = t - now
    const transition = Float64Array.from(expm(MATRIX.map(row => row.map(a => a * gap))).flat())
    const mean = Float64Array.of(
      transition[0]! * state.mean[0]! + transition[1]! * state.mean[1]!,
      transition[2]! * state.mean[0]! + transition[3]! * state.mean[1]!,
    )
    state = state.propagated(transition, mean, Float64Array.of(diffusion * gap, diffusion * gap))
    const predicted = state.mean[0]!
    if (!Number.isNaN(y[0]!)) state.assimilate(Float64Array.of(1, 0), y[0]!, NOISE[0]!)
    now = t
    yield { predicted, mean: state.mean.slice(), covariance: state.covariance.slice() }
  }
}

const horizon = (options: Partial<MovingHorizonOptions> = {}) =>
  new MovingHorizon({
    field: linear(2, Float64Array.from(MATRIX.flat())),
    channels: 1,
    window: 5,
    noise: NOISE,
    start: START,
    iterations: 1,
    solver: SOLVER,
    ...options,
  })

describe('the moving horizon of a linear Gaussian system', () => {
  it.each([1, 2, 5, 40])('with a window of %i is the Kalman filter: mean, covariance, prediction', window => {
    const observations = stream(1, 30)
    const estimator = horizon({ window })
    let n = 0
    for (const expected of kalman(observations)) {
      const { t, y } = observations[n++]!
      const { state, covariance, predicted } = estimator.observe(t, y)
      // Thirty updates, each a few roundings of numbers near one, and the solver's 1e-12.
      expect(relativeError(state, expected.mean)).toBeLessThan(1e-9)
      expect(relativeError(covariance, expected.covariance)).toBeLessThan(1e-9)
      expect(Math.abs(predicted[0]! - expected.predicted)).toBeLessThan(1e-9)
    }
  })

  it('with a window of one and diffusion is still the Kalman filter, which also forgets', () => {
    const observations = stream(2, 30)
    const estimator = horizon({ window: 1, diffusion: Float64Array.of(0.3, 0.3) })
    // Diffusion counts from when an observation leaves the window; with one in it, that is one later.
    const expected = [...kalman(observations, 0.3)]
    const last = observations.map(({ t, y }) => estimator.observe(t, y)).at(-1)!
    expect(last.covariance[0]).toBeGreaterThan(0)
    expect(relativeError(last.state, expected.at(-1)!.mean)).toBeLessThan(0.2)
  })

  it('has no gradient by its start state but that of the arrival cost: it is at the optimum', () => {
    const observations = stream(3, 12)
    const estimator = horizon({ window: 40 })
    const last = observations.map(({ t, y }) => estimator.observe(t, y)).at(-1)!
    // dL/dz_s = a(t_s) + P⁻¹ (z_s − z̄) = 0 with P diagonal here.
    const { start } = last.solution.gradient
    const optimum = last.solution
    expect(optimum.outcome.kind).toBe('reached')
    const pull = start.map((a, i) => -a * START.deviation[i]! ** 2)
    // z_s is z̄ + pull; flowing it forward gives the state of the estimate.
    const flow = expm(MATRIX.map(row => row.map(a => a * (observations.at(-1)!.t - observations[0]!.t))))
    const state = [0, 1].map(i => flow[i]!.reduce((sum, x, j) => sum + x * (START.mean[j]! + pull[j]!), 0))
    expect(relativeError(state, last.state)).toBeLessThan(1e-8)
  })
})

it('follows a pendulum that it sees the angle of only, through a field that is not linear', () => {
  const field = closure({
    dimension: 2,
    timeDependent: false,
    evaluate: (_t, [x, v], dz) => dz.set([v!, -4 * Math.sin(x!)]),
  })
  const random = new Random(8)
  const truth = Float64Array.of(1.5, 0)
  const estimator = new MovingHorizon({
    field,
    channels: 1,
    window: 10,
    noise: Float64Array.of(0.01),
    diffusion: Float64Array.of(1e-4, 1e-4),
    start: { mean: Float64Array.of(0, 0), deviation: Float64Array.of(2, 4) },
    solver: { method: methods.tsit5, rtol: 1e-8, atol: 1e-8 },
  })
  const dt = 1e-3
  let errors = 0
  for (let n = 1; n <= 20_000; n++) {
    truth[1]! += -4 * Math.sin(truth[0]!) * dt
    truth[0]! += truth[1]! * dt
    if (n % 200 !== 0) continue
    const { state } = estimator.observe(n * dt, Float64Array.of(truth[0]! + 0.1 * random.normal()))
    if (n > 10_000) errors += (state[1]! - truth[1]!) ** 2 / 50
  }
  // The velocity, which no channel shows, to within two thirds of the noise of the angle times its frequency of two.
  expect(Math.sqrt(errors)).toBeLessThan(0.13)
})

it('refuses what it cannot use', () => {
  expect(() => horizon({ start: { mean: Float64Array.of(1), deviation: Float64Array.of(1) } })).toThrow(/1 dimensions/)
  const estimator = horizon()
  estimator.observe(2, Float64Array.of(1))
  expect(() => estimator.observe(1, Float64Array.of(1))).toThrow(expect.objectContaining({ code: 'TIME_NOT_MONOTONE' }))
})
