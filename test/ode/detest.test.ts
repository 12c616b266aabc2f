import { describe, expect, it } from 'vitest'
import { Integrator } from '../../src/ode/integrator.js'
import type { IntegratorOptions } from '../../src/ode/integrator-options.js'
import { methods } from '../../src/ode/methods/index.js'
import { REACHED } from '../../src/ode/outcome.js'
import { torchdiffeqControl } from '../../src/ode/steps/step-control.js'
import { array } from '../support/arrays.js'
import { type DetestProblem, detest } from '../support/detest.js'
import { closedForms } from '../support/detest-closed-forms.js'
import { slope } from '../support/slope.js'

const nonstiff = detest.slice(0, 25)
const problem = (name: string) => detest.find(p => p.name === name)!

interface Solution {
  readonly evaluations: number
  /** Largest |error| in units of tol · (1 + |y|). */
  readonly units: number
  readonly rms: number
  readonly stiff: boolean
}

function solve({ field, start, end }: DetestProblem, options: IntegratorOptions): Solution {
  const z = Float64Array.from(start)
  const integrator = new Integrator(field, { maxSteps: 100_000, ...options })
  expect(integrator.propagate(0, 20, z)).toBe(REACHED)
  return {
    evaluations: integrator.evaluations,
    ...errors(z, end, options.rtol!),
    stiff: !Number.isNaN(integrator.stiffSince),
  }
}

function errors(z: Float64Array, end: readonly number[], tol: number): { units: number; rms: number } {
  const difference = array(z.length, i => z[i]! - end[i]!)
  const units = Math.max(...difference.map((d, i) => Math.abs(d) / (tol * (1 + Math.abs(end[i]!)))))
  return { units, rms: Math.sqrt(difference.reduce((sum, d) => sum + d * d, 0) / z.length) }
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!
const at = (tol: number, options: Partial<IntegratorOptions> = {}) => ({
  method: methods.dopri5,
  rtol: tol,
  atol: tol,
  ...options,
})

describe('N10: the reference values', () => {
  it.each(Object.entries(closedForms))('of %s agree with its closed form', (name, values) => {
    const { end } = problem(name)
    expect(values).toHaveLength(end.length)
    // Formulas in float64: an angle of 20 alone rounds by 4e-15, and D5 has slopes of 20 by it.
    values.forEach((value, i) => {
      expect(Math.abs(end[i]! - value)).toBeLessThan(3e-14 * Math.max(1, Math.abs(value)))
    })
  })

  it('are complete: twenty formulas, and five problems that have none', () => {
    const without = nonstiff.map(p => p.name).filter(name => !(name in closedForms))
    expect(without).toEqual(['B1', 'B4', 'C5', 'E2', 'E3'])
  })
})

/** FAULTS.md §3.2: what SciPy's RK45 makes of each class at 1e-4, 1e-6, 1e-8 and 1e-10, in units of the tolerance. */
const SCIPY: Record<string, readonly number[]> = {
  A: [6.7, 7.6, 7.2, 7],
  B: [61, 20, 17, 15],
  C: [1.4, 0.46, 0.9, 0.9],
  C5: [112, 56, 28, 17],
  D: [3210, 702, 174, 278],
  E: [103, 40, 19, 9.9],
}
const classOf = (name: string) => (name === 'C5' ? name : name[0]!)
const TOLERANCES = [1e-4, 1e-6, 1e-8, 1e-10]

describe('dopri5 on DETEST', () => {
  const solutions = TOLERANCES.map(tol => nonstiff.map(p => ({ name: p.name, ...solve(p, at(tol)) })))

  it.each(TOLERANCES.map((tol, k) => ({ tol, k })))(
    'N11: at $tol has errors at most twice those of SciPy, class by class',
    ({ k }) => {
      for (const { name, units } of solutions[k]!)
        expect(units, name).toBeLessThanOrEqual(2 * SCIPY[classOf(name)]![k]!)
    },
  )

  it('N12: takes as many evaluations as SciPy, within a third', () => {
    const scipy = { A1: 164, B5: 482, C5: 74, D1: 428, D5: 1352, E2: 1142 }
    for (const [name, count] of Object.entries(scipy)) {
      const { evaluations } = solutions[1]!.find(s => s.name === name)!
      expect(evaluations / count, name).toBeGreaterThan(0.65)
      expect(evaluations / count, name).toBeLessThan(1.35)
    }
  })

  it('N13: makes errors in proportion to the tolerance', () => {
    // Two tolerances a decade, so that the luck of the last step decides little.
    const tolerances = Array.from({ length: 13 }, (_, k) => 10 ** (-4 - k / 2))
    const errorsOf = nonstiff.map(p => tolerances.map(tol => solve(p, at(tol)).units * tol))
    const slopes = errorsOf.map(list => slope(list.map((error, k) => [tolerances[k]!, error] as const)))
    console.log(`dopri5 on DETEST, slope of error over tolerance: ${slopes.map(s => s.toFixed(2)).join(' ')}`)
    for (const [i, found] of slopes.entries()) {
      expect(found, nonstiff[i]!.name).toBeGreaterThan(0.8)
      expect(found, nonstiff[i]!.name).toBeLessThan(1.3)
    }
    for (let k = 0; k + 2 < tolerances.length; k++) {
      const shrink = median(errorsOf.map(list => list[k]! / list[k + 2]!))
      expect(shrink, `a decade from ${tolerances[k]}`).toBeGreaterThan(3)
    }
  })

  it('F60: calls none of them stiff but C2 at 1e-4, whose fastest rate is 9', () => {
    for (const tol of [1e-4, 1e-6, 1e-8]) {
      const alarms = nonstiff.filter(p => solve(p, at(tol)).stiff).map(p => p.name)
      expect(alarms).toEqual(tol === 1e-4 ? ['C2'] : [])
    }
  })
})

describe('the controller of torchdiffeq', () => {
  /** PEERS.md A1: evaluations of torchdiffeq's dopri5, reproduced by a port in float64. */
  const published: Record<string, Record<string, number>> = {
    '1e-3': { A1: 68, A2: 44, A3: 140, A4: 32, A5: 32, B1: 320, B2: 158, B3: 86 },
    '1e-6': { B1: 836, B2: 224, B3: 164 },
  }
  /** It does not land: the last step goes past the end, which is then interpolated. */
  const past = (p: DetestProblem, tol: number) => {
    const integrator = new Integrator(p.field, at(tol, { control: torchdiffeqControl }))
    expect(integrator.propagatePast(0, 20, Float64Array.from(p.start), integrator.createTape())).toBe(REACHED)
    return integrator.evaluations
  }

  it.each(Object.entries(published))('as a preset takes exactly its evaluations at %s', (tol, counts) => {
    const ours = Object.fromEntries(Object.keys(counts).map(name => [name, past(problem(name), Number(tol))]))
    expect(ours).toEqual(counts)
  })

  it('is beaten by the default: fewer evaluations in total, at no larger error', () => {
    const rows = nonstiff.map(p => ({ name: p.name, theirs: past(p, 1e-6), ours: solve(p, at(1e-6)) }))
    const total = rows.reduce((sum, { ours }) => sum + ours.evaluations, 0)
    const error = Math.exp(rows.reduce((sum, { ours }) => sum + Math.log(ours.rms), 0) / rows.length)
    console.log(
      [
        'dopri5 at 1e-6, evaluations (torchdiffeq controller → default) and RMS error of the default:',
        ...rows.map(
          ({ name, theirs, ours }) => `${name} ${theirs} → ${ours.evaluations} (${ours.rms.toExponential(1)})`,
        ),
        `total 10580 published, ${rows.reduce((sum, { theirs }) => sum + theirs, 0)} → ${total}; geometric mean error 9.50e-6 published → ${error.toExponential(2)}`,
      ].join('\n'),
    )
    expect(total).toBeLessThan(10580)
    expect(error).toBeLessThanOrEqual(9.5e-6)
  })
})

describe('N14: fields that jump, class F', () => {
  /** Lands on every discontinuity, as a sweep does on every observation. */
  const landing = ({ field, start, end, discontinuities }: DetestProblem) => {
    const z = Float64Array.from(start)
    const integrator = new Integrator(field, at(1e-6, { maxSteps: 100_000 }))
    const stops = [0, ...discontinuities, 20]
    stops.slice(1).forEach((to, k) => {
      expect(integrator.propagate(stops[k]!, to, z)).toBe(REACHED)
    })
    return { evaluations: integrator.evaluations, ...errors(z, end, 1e-6) }
  }

  // FAULTS.md §3.2, measured with SciPy: evaluations 4184 → 1918 and 3368 → 700, errors 199, 0.047 and below 1.
  it.each([
    { name: 'F1', saved: 1.7, units: 400 },
    { name: 'F2', saved: 2.5, units: 1 },
    { name: 'F4', saved: 1, units: 1 },
  ])('$name is solved better and cheaper when steps end at the jumps', ({ name, saved, units }) => {
    const [through, stopped] = [solve(problem(name), at(1e-6)), landing(problem(name))]
    expect(through.evaluations / stopped.evaluations).toBeGreaterThanOrEqual(saved)
    expect(stopped.units).toBeLessThanOrEqual(units)
  })
})
