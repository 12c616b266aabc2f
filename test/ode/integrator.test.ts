import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { VectorField } from '../../src/field/vector-field.js'
import { TABLEAU_NAMES } from '../../src/names.js'
import { Integrator } from '../../src/ode/integrator.js'
import type { IntegratorOptions } from '../../src/ode/integrator-options.js'
import { methods } from '../../src/ode/methods/index.js'
import { REACHED } from '../../src/ode/outcome.js'
import { bits, relativeError } from '../support/arrays.js'
import { counted, randomMlp } from '../support/fields.js'

const START = Float64Array.of(0.3, -0.5, 0.8)

/** One adaptive way and one of fixed steps for every method that can. */
const ways: [string, IntegratorOptions][] = TABLEAU_NAMES.flatMap(name => {
  const method = methods[name]
  const fixed: [string, IntegratorOptions] = [`${name} with fixed steps`, { method, step: 0.3 }]
  return method.adaptive ? [fixed, [`${name} with adaptive steps`, { method }] as [string, IntegratorOptions]] : [fixed]
})

describe.each(ways)('%s', (_, options) => {
  const field = randomMlp(1, { time: true })

  it('lands on the end exactly, in steps that follow one another', () => {
    const time = fc.integer({ min: -300, max: 300 }).map(n => n / 97)
    fc.assert(
      fc.property(time, time, (from, to) => {
        fc.pre(from !== to)
        const integrator = new Integrator(field, options)
        const tape = integrator.createTape()
        expect(integrator.propagate(from, to, START.slice(), tape)).toBe(REACHED)
        expect(tape.step(0).t).toBe(from)
        const last = tape.step(tape.length - 1)
        expect(last.h).toBe(to - last.t)
        for (let n = 1; n < tape.length; n++) {
          const { t, h } = tape.step(n - 1)
          // The sum of start and length may differ from the next start by its last bit.
          expect(Math.abs(tape.step(n).t - (t + h))).toBeLessThanOrEqual(2 ** -49)
          expect(Math.sign(h)).toBe(Math.sign(to - from))
        }
      }),
      { numRuns: 30 },
    )
  })

  it('a zero gap costs nothing and changes nothing, not even what comes after', () => {
    const run = (gaps: number[]) => {
      const integrator = new Integrator(field, options)
      const tape = integrator.createTape()
      const z = START.slice()
      let t = 0
      for (const gap of gaps) {
        const before = [bits(z), integrator.evaluations, tape.length, integrator.stepSize]
        expect(integrator.propagate(t, t + gap, z, tape)).toBe(REACHED)
        if (gap === 0) expect([bits(z), integrator.evaluations, tape.length, integrator.stepSize]).toEqual(before)
        t += gap
      }
      return [bits(z), integrator.evaluations, tape.length, integrator.stepSize]
    }
    expect(run([0, 1, 0, 0, 0.5, 0])).toEqual(run([1, 0.5]))
  })

  it('counts the evaluations it makes', () => {
    const counter = counted(field)
    const integrator = new Integrator(counter, options)
    const z = START.slice()
    for (const [from, to] of [
      [0, 1],
      [1, 1],
      [1, 5],
      [5, 2],
    ] as const)
      integrator.propagate(from, to, z)
    expect(integrator.evaluations).toBe(counter.count)
  })

  it('gives the same bits with and without a tape', () => {
    const [a, b] = [START.slice(), START.slice()]
    const [one, other] = [new Integrator(field, options), new Integrator(field, options)]
    const tape = other.createTape()
    for (let t = 0; t < 3; t++) {
      one.propagate(t, t + 1, a)
      other.propagate(t, t + 1, b, tape)
    }
    expect(bits(b)).toBe(bits(a))
    expect(other.evaluations).toBe(one.evaluations)
  })

  it('N52: backward in time is forward for the mirrored field, bit for bit', () => {
    const mirrored: VectorField = {
      ...field,
      evaluate(t, z, dz) {
        field.evaluate(-t, z, dz)
        for (let i = 0; i < 3; i++) dz[i] = -dz[i]!
      },
      vjp: (t, z, a, az, atheta) =>
        field.vjp(
          -t,
          z,
          a.map(x => -x),
          az,
          atheta,
        ),
    }
    const [a, b] = [START.slice(), START.slice()]
    new Integrator(field, options).propagate(-1, -3.5, a)
    new Integrator(mirrored, options).propagate(1, 3.5, b)
    expect(bits(b)).toBe(bits(a))
  })

  it('comes back to the start when it is sent back in the same steps', () => {
    const z = START.slice()
    const integrator = new Integrator(field, { ...options, ...(options.step ? { step: 1e-3 } : {}) })
    integrator.propagate(0, 1, z)
    integrator.propagate(1, 0, z)
    // Euler's error there and back is of the size of its step; all others are far better.
    expect(relativeError(z, START)).toBeLessThan(1e-3)
  })

  it('keeps every stage of an accepted step on the tape', () => {
    const integrator = new Integrator(field, options)
    const tape = integrator.createTape()
    integrator.propagate(0, 1, START.slice(), tape)
    for (let n = 0; n < tape.length; n++) {
      const { t, h, states, slopes, method } = tape.step(n)
      const { stages, c, implicit } = method
      for (let s = 0; s < stages; s++) {
        const slope = new Float64Array(3)
        field.evaluate(t + c[s]! * h, states[s]!, slope)
        // First-same-as-last slopes were evaluated at t + h of the step before, up to the last bit of t. An implicit stage is
        // solved to a thousandth of the tolerance, 1e-6, which its slope divides by h a_ss = 0.08.
        expect(relativeError(slopes[s]!, slope)).toBeLessThan(implicit ? 1e-7 : 1e-14)
      }
    }
  })
})

describe('the tape', () => {
  it('uses its steps again after a rewind', () => {
    const integrator = new Integrator(randomMlp(1), { method: methods.tsit5 })
    const tape = integrator.createTape()
    integrator.propagate(0, 5, START.slice(), tape)
    const first = Array.from({ length: tape.length }, (_, n) => tape.step(n))
    expect(first.length).toBeGreaterThan(3)
    tape.rewind()
    expect(tape.length).toBe(0)
    integrator.propagate(0, 5, START.slice(), tape)
    expect(tape.length).toBeLessThanOrEqual(first.length)
    for (let n = 0; n < tape.length; n++) {
      expect(tape.step(n)).toBe(first[n])
      expect(tape.step(n).slopes).toBe(first[n]!.slopes)
    }
  })

  it('lets go of steps that nobody has needed for long, and goes on with the same bits', () => {
    const field = randomMlp(1)
    const integrator = new Integrator(field, { method: methods.tsit5, rtol: 1e-9 })
    const tape = integrator.createTape()
    const solve = (end: number) => {
      const z = START.slice()
      tape.rewind()
      integrator.propagate(0, end, z, tape)
      return { z, steps: tape.length }
    }
    const long = solve(20)
    const last = tape.step(long.steps - 1)
    const short = solve(1)
    expect(short.steps).toBeLessThan(long.steps / 4)
    for (let n = 0; n < 3000; n++) solve(1)
    integrator.state.fill(0)
    const again = solve(20)
    expect(tape.step(again.steps - 1)).not.toBe(last)
    const fresh = new Integrator(field, { method: methods.tsit5, rtol: 1e-9 })
    const z = START.slice()
    fresh.propagate(0, 20, z, fresh.createTape())
    expect(again.z).toEqual(z)
  })

  it('can be rewound to a length, and goes on from there', () => {
    const integrator = new Integrator(randomMlp(1), { method: methods.rk4, step: 0.5 })
    const tape = integrator.createTape()
    integrator.propagate(0, 2, START.slice(), tape)
    const kept = tape.step(1)
    tape.rewind(2)
    integrator.propagate(1, 2, START.slice(), tape)
    expect(tape.length).toBe(4)
    expect(tape.step(1)).toBe(kept)
  })
})
