import { describe, expect, it } from 'vitest'
import { closure } from '../../../src/field/closure.js'
import { methods } from '../../../src/ode/methods/index.js'
import { solve } from '../../../src/ode/solution/trajectory.js'

const decay = closure({ dimension: 1, timeDependent: false, evaluate: (_t, z, dz) => dz.fill(-z[0]!) })
const start = Float64Array.of(1)
const tight = { method: methods.dopri8, rtol: 1e-12, atol: 1e-12 }

describe('a trajectory', () => {
  it.each([
    [0, 3],
    [3, 0],
  ])('from %i to %i can be read at every time', (from, to) => {
    const solution = solve(decay, { from, to, start, ...tight })
    expect(solution.outcome.kind).toBe('reached')
    // The seventh-order dense output, in steps that the tolerance allows the eighth order.
    for (let t = 0; t <= 3; t += 0.1) expect(Math.abs(solution.at(t)[0]! / Math.exp(from - t) - 1)).toBeLessThan(1e-9)
    expect(solution.times[0]).toBe(from)
    expect(solution.times.at(-1)).toBeCloseTo(to, 14)
    expect(Array.from(start)).toEqual([1])
  })

  it('beyond its ends stays where it ended, and of no length is where it started', () => {
    const solution = solve(decay, { from: 0, to: 1, start, ...tight })
    expect(solution.at(9)[0]).toBeCloseTo(solution.end[0]!, 13)
    expect(solution.at(-9)[0]).toBe(1)
    expect(solve(decay, { from: 2, to: 2, start, ...tight }).at(2)).toEqual(start)
  })

  it('that cannot get there says why, and is readable as far as it got', () => {
    const explosion = closure({ dimension: 1, timeDependent: false, evaluate: (_t, z, dz) => dz.fill(z[0]! ** 2) })
    const solution = solve(explosion, { from: 0, to: 2, start, method: methods.tsit5 })
    expect(solution.outcome.kind).toBe('step-underflow')
    expect(solution.at(0.5)[0]).toBeCloseTo(2, 4)
  })

  it('writes where it is told to', () => {
    const out = Float64Array.of(0)
    expect(solve(decay, { from: 0, to: 1, start, ...tight }).at(0, out)).toBe(out)
    expect(out[0]).toBe(1)
  })
})
