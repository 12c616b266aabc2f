import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type ProblemResult, solveProblem } from '../../src/cli/solve-problem.js'
import type { Problem } from '../../src/config/problem.js'
import { ADJOINT_NAMES, METHOD_NAMES } from '../../src/names.js'
import { firstTableau, methodOf } from '../../src/ode/method.js'
import { contraflow } from '../support/cli.js'
import { references } from '../support/reference.js'
import { temporaryFile } from '../support/temporary.js'

const FOLDER = new URL('../reference/gradients/', import.meta.url).pathname
/** Relative to the largest entry: the reference is good to about nine digits. */
function expectClose(actual: readonly number[], expected: readonly number[], what: string, tolerance = 1e-7): void {
  expect(actual.length, what).toBe(expected.length)
  const scale = Math.max(...expected.map(Math.abs))
  expected.forEach((value, i) => {
    expect(Math.abs(actual[i]! - value), `${what}[${i}]`).toBeLessThanOrEqual(tolerance * scale)
  })
}

async function solve(file: string): Promise<ProblemResult> {
  const { code, stdout, stderr } = await contraflow(['adjoint', file])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.endsWith('}\n')).toBe(true)
  return JSON.parse(stdout) as ProblemResult
}

describe('contraflow adjoint', () => {
  it('has the five reference problems', () => {
    expect(references).toHaveLength(5)
  })

  it.each(references)('agrees with another library on %s', async (name, { problem, reference }) => {
    const { loss, states, gradient, jumps, evaluations } = await solve(FOLDER + name)
    expectClose([loss], [reference.loss], 'loss')
    expectClose(states.flat(), reference.states.flat(), 'states')
    expectClose(gradient.z0, reference.gradient.z0, 'z0')
    expectClose(gradient.parameters, reference.gradient.parameters, 'parameters')
    if (reference.gradient.t0 !== undefined) expectClose([gradient.t0], [reference.gradient.t0], 't0')
    if (reference.gradient.times) expectClose(gradient.times, reference.gradient.times, 'times')
    expect(evaluations.forward).toBeGreaterThan(0)
    expect(evaluations.backward).toBeGreaterThan(0)

    // One jump for each time, from the last to the first.
    const times = problem.observations.map(({ t }) => t)
    expect(jumps.map(({ t }) => t)).toEqual([...new Set(times)].sort((a, b) => b - a))
    const dimension = states[0]!.length
    expect(jumps[0]!.before).toEqual(new Array(dimension).fill(0))
    for (const { t, before, jump, after } of jumps) {
      times.forEach((time, i) => {
        if (time === t) expectClose(after, reference.costates[i]!, `costate at ${t}`)
      })
      after.forEach((value, c) => {
        // The jump is the difference of the two, so one rounding.
        expect(Math.abs(value - before[c]! - jump[c]!)).toBeLessThanOrEqual(
          1e-15 * (Math.abs(value) + Math.abs(jump[c]!)),
        )
      })
    }
    if (times[0] === problem.t0) expect(jumps.at(-1)!.after).toEqual(gradient.z0)
  })

  const PROBLEM = {
    field: {
      kind: 'linear',
      matrix: [
        [-0.1, 2],
        [-2, -0.1],
      ],
    },
    t0: 0,
    z0: [2, 0],
    observations: [
      { t: 1.5, y: [0.5, -1] },
      { t: 0.5, y: [1, null] },
    ],
  }
  const onInput = (problem: unknown) => contraflow(['adjoint', '-'], { input: JSON.stringify(problem) })

  it('reads standard input, and answers in the order of the observations', async () => {
    const given = JSON.parse((await onInput(PROBLEM)).stdout) as ProblemResult
    const observations = [...PROBLEM.observations].reverse()
    const sorted = JSON.parse((await onInput({ ...PROBLEM, observations })).stdout) as ProblemResult
    expect(given.states).toEqual([...sorted.states].reverse())
    expect(given.gradient).toEqual({ ...sorted.gradient, times: [...sorted.gradient.times].reverse() })
    expect(given.jumps).toEqual(sorted.jumps)
    expect(given.jumps.map(({ t }) => t)).toEqual([1.5, 0.5])
    // A missing channel has no loss of its own.
    expect(given.jumps[1]!.jump[1]).toBe(0)
  })

  it('shows its example in the help, and the example works', async () => {
    const { stdout } = await contraflow(['adjoint', '--help'])
    const example = /Example: (\{[\s\S]*\})/.exec(stdout)![1]!
    const { code, stdout: result } = await contraflow(['adjoint', '-'], { input: example })
    expect(code).toBe(0)
    expect((JSON.parse(result) as ProblemResult).jumps).toHaveLength(1)
  })

  it('refuses a problem whose sizes do not fit, naming each place, with 2', async () => {
    const { code, stdout, stderr } = await onInput({ ...PROBLEM, z0: [1], observations: [{ t: -1, y: [1, 2] }] })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.split('\n').slice(1, -1)).toEqual([
      '  field.matrix: received 2 entries; expected 1',
      '  field.matrix[0]: received 2 entries; expected 1',
      '  field.matrix[1]: received 2 entries; expected 1',
      '  observations[0].y: received 2 entries; expected 1',
      '  observations[0].t: received -1; expected at least t0 = 0',
    ])
  })

  it('fails with 1 when the solver does not get there, and says what to do', async () => {
    const { code, stdout, stderr } = await onInput({ ...PROBLEM, solver: { maxSteps: 1 } })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^SOLVE_FAILED: received .*step/)
  })

  it('takes every method and adjoint, and all agree', async () => {
    const reference = solveProblem(PROBLEM as Problem)
    for (const adjoint of ADJOINT_NAMES)
      for (const method of METHOD_NAMES) {
        const { adaptive, order } = firstTableau(methodOf(method))
        const rtol = order < 4 ? 1e-6 : 1e-8
        const solver = adaptive ? { method, rtol, atol: rtol / 100 } : { method, step: 1e-3 }
        const { gradient } = solveProblem({ ...PROBLEM, adjoint, solver } as Problem)
        // Euler's error at this step is a thousandth; all others are far better.
        const tolerance = method === 'euler' ? 2e-2 : order < 4 ? 1e-3 : 1e-4
        expectClose(gradient.z0, reference.gradient.z0, `${method} ${adjoint}`, tolerance)
        expectClose(gradient.parameters, reference.gradient.parameters, `${method} ${adjoint}`, tolerance)
      }
  })

  it('--check adds how constant a·f is; without it the result is what it has always been', async () => {
    const file = temporaryFile('problem.json')
    writeFileSync(file, JSON.stringify(PROBLEM))
    const plain = JSON.parse((await contraflow(['adjoint', file])).stdout) as object
    const checked = JSON.parse((await contraflow(['adjoint', file, '--check'])).stdout) as ProblemResult
    expect(Object.keys(plain)).toEqual(['loss', 'states', 'gradient', 'jumps', 'evaluations'])
    expect(checked.drift).toBeLessThan(1e-8)
  })

  it('--plot draws states, observations and every jump', async () => {
    const [file, plot] = [temporaryFile('problem.json'), temporaryFile('plot.svg')]
    writeFileSync(file, JSON.stringify(PROBLEM))
    const { code } = await contraflow(['adjoint', file, '--plot', plot])
    expect(code).toBe(0)
    const svg = readFileSync(plot, 'utf8')
    expect(svg).toMatch(/^<svg [^>]*>[\s\S]*<\/svg>\n$/)
    const measured = PROBLEM.observations.flatMap(({ y }) => y).filter(value => value !== null).length
    expect(svg.match(/<circle/g)).toHaveLength(measured)
    expect(svg.match(/<polyline/g)).toHaveLength(2 * PROBLEM.z0.length)
    expect(svg).not.toContain('NaN')
    const refused = await contraflow(['adjoint', file, '--plot', '/nowhere/plot.svg'])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('SINK_FAILED')
  })
})
