import { describe, expect, it } from 'vitest'
import { solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { closure } from '../../src/field/closure.js'
import { linear } from '../../src/field/linear.js'
import { Learner } from '../../src/learn/learner.js'
import { squaredPathLoss } from '../../src/learn/rules/path-loss.js'
import { TABLEAU_NAMES } from '../../src/names.js'
import { Integrator } from '../../src/ode/integrator.js'
import type { IntegratorOptions } from '../../src/ode/integrator-options.js'
import { Lu } from '../../src/ode/lu.js'
import { auto } from '../../src/ode/method.js'
import { methods } from '../../src/ode/methods/index.js'
import { describeOutcome, REACHED } from '../../src/ode/outcome.js'
import { Random } from '../../src/random.js'
import { array, largest, relativeError } from '../support/arrays.js'
import { differences, smoothDifferences } from '../support/finite-differences.js'
import { path } from '../support/paths.js'
import { isWritable, simulated } from '../support/streams.js'

/** Robertson's chemical kinetics, with its three rates as parameters. */
function robertson(parameters = Float64Array.of(0.04, 3e7, 1e4)) {
  return closure({
    dimension: 3,
    parameters,
    timeDependent: false,
    evaluate(_t, [a, b, c], dz) {
      const [k1, k2, k3] = parameters as unknown as [number, number, number]
      const [slow, fast, back] = [k1 * a!, k2 * b! * b!, k3 * b! * c!]
      dz.set([-slow + back, slow - back - fast, fast])
    },
    vjp(_t, [a, b, c], w, az, atheta) {
      const [k1, k2, k3] = parameters as unknown as [number, number, number]
      const [u, v] = [w[1]! - w[0]!, w[2]! - w[1]!]
      az[0]! += k1 * u
      az[1]! += 2 * k2 * b! * v - k3 * c! * u
      az[2]! += -k3 * b! * u
      atheta[0]! += a! * u
      atheta[1]! += b! * b! * v
      atheta[2]! += -b! * c! * u
      return 0
    },
  })
}

/** μ is its parameter. */
const vanDerPol = (stiffness: number) => {
  const parameters = Float64Array.of(stiffness)
  return closure({
    dimension: 2,
    parameters,
    timeDependent: false,
    evaluate: (_t, [x, v], dz) => dz.set([v!, parameters[0]! * (1 - x! * x!) * v! - x!]),
    vjp(_t, [x, v], a, az, atheta) {
      const mu = parameters[0]!
      az[0]! += a[1]! * (-2 * mu * x! * v! - 1)
      az[1]! += a[0]! + a[1]! * mu * (1 - x! * x!)
      atheta[0]! += a[1]! * (1 - x! * x!) * v!
      return 0
    },
  })
}

const decay = (rate: number) =>
  closure({ dimension: 1, timeDependent: false, evaluate: (_t, z, dz) => dz.fill(-rate * z[0]!) })

function solve(field: ReturnType<typeof decay>, start: readonly number[], to: number, options: IntegratorOptions) {
  const z = Float64Array.from(start)
  const integrator = new Integrator(field, options)
  const tape = integrator.createTape()
  return { outcome: integrator.propagate(0, to, z, tape), z, integrator, tape }
}

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

describe('LU factors', () => {
  it('solve random systems and their transposes', () => {
    const random = new Random(5)
    for (let n = 1; n <= 12; n++) {
      const matrix = array(n * n, () => random.normal())
      const x = array(n, () => random.normal())
      // (I − 0.7 M) x, and the transpose.
      const times = (transposed: boolean) =>
        array(
          n,
          i =>
            x[i]! - 0.7 * x.reduce((sum, v, j) => sum + (transposed ? matrix[j * n + i]! : matrix[i * n + j]!) * v, 0),
        )
      const lu = new Lu(n)
      expect(lu.factorShifted(matrix, 0.7)).toBe(true)
      const [solved, transposed] = [times(false), times(true)]
      lu.solve(solved)
      lu.solveTransposed(transposed)
      // Condition numbers of random matrices of this size stay below a few thousand.
      expect(relativeError(solved, x)).toBeLessThan(1e-11)
      expect(relativeError(transposed, x)).toBeLessThan(1e-11)
    }
  })

  it('say when there are none', () => {
    expect(new Lu(2).factorShifted(Float64Array.of(1, 0, 0, 1), 1)).toBe(false)
    expect(new Lu(1).factorShifted(Float64Array.of(Number.NaN), 1)).toBe(false)
    expect(largest([0])).toBe(0)
  })
})
