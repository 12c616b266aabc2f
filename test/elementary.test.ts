import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cos, exp, log, power, sigmoid, silu, sin, softplus, tanh } from '../src/elementary.js'
import {
  cosBig,
  expBig,
  fromDouble,
  logBig,
  sigmoidBig,
  siluBig,
  sinBig,
  softplusBig,
  tanhBig,
  ulpDistance,
} from './support/high-precision.js'

const double = (min: number, max: number) => fc.double({ min, max, noNaN: true })

/** Evenly over the interval; `double` is even over the exponents, so that nearly all of its numbers are tiny. */
const even = (min: number, max: number) =>
  fc.maxSafeNat().map(n => Math.min(max, min + (max - min) * (n / Number.MAX_SAFE_INTEGER)))

/** Some of every size, most where something happens. */
const anywhere = (min: number, max: number) =>
  fc.oneof(double(min, max), even(min, max), even(Math.max(min, -3), Math.min(max, 3)))

describe('accuracy', () => {
  /** Argument ranges: everything that does not overflow. Below −708 the results are subnormal, and an ulp is absolute. */
  it.each([
    { name: 'exp', f: exp, reference: expBig, ulps: 1.5, range: anywhere(-745.13, 709.78) },
    {
      name: 'log',
      f: log,
      reference: logBig,
      ulps: 1.5,
      range: fc.oneof(
        even(0.5, 2),
        even(0, 1e3).map(x => x || 1),
        double(5e-324, Number.MAX_VALUE),
      ),
    },
    { name: 'tanh', f: tanh, reference: tanhBig, ulps: 2, range: anywhere(-30, 30) },
    { name: 'sigmoid', f: sigmoid, reference: sigmoidBig, ulps: 2, range: anywhere(-700, 700) },
    { name: 'softplus', f: softplus, reference: softplusBig, ulps: 2, range: anywhere(-700, 700) },
    { name: 'silu', f: silu, reference: siluBig, ulps: 2, range: anywhere(-700, 700) },
    { name: 'silu where e^x is subnormal', f: silu, reference: siluBig, ulps: 2, range: even(-760, -700) },
  ])('$name is within $ulps ulp of the exact value', ({ f, reference, ulps, range }) => {
    fc.assert(
      fc.property(range, x => {
        // The promise of elementary.ts.
        expect(ulpDistance(f(x), reference(fromDouble(x)))).toBeLessThanOrEqual(ulps)
      }),
      { numRuns: 1500 },
    )
  })

  it.each([
    { name: 'sin', f: sin, reference: sinBig },
    { name: 'cos', f: cos, reference: cosBig },
  ])('$name is within 1.5 ulp of one up to 1e5', ({ f, reference }) => {
    fc.assert(
      fc.property(anywhere(-1e5, 1e5), x => {
        // The promise of elementary.ts: absolute, because the reduction by π/2 is.
        expect(ulpDistance(f(x), reference(fromDouble(x)), Number.EPSILON)).toBeLessThanOrEqual(1.5)
      }),
      { numRuns: 1500 },
    )
  })

  it('a power is as exact as its exponent allows', () => {
    fc.assert(
      fc.property(double(1e-100, 1e100), even(-3, 3), (x, y) => {
        const exact = expBig((fromDouble(y) * logBig(fromDouble(x))) / fromDouble(1))
        const error = ulpDistance(power(x, y), exact, power(x, y) * Number.EPSILON)
        // |y ln x| · 2e-16, plus the 1.5 ulp of exp itself.
        expect(error).toBeLessThanOrEqual(2 * Math.abs(y * Math.log(x)) + 1.5)
      }),
      { numRuns: 500 },
    )
  })
})

describe('special values', () => {
  const functions = { exp, log, tanh, sigmoid, softplus, silu, sin, cos }

  it.each(Object.entries(functions))('%s of NaN is NaN', (_, f) => expect(f(Number.NaN)).toBeNaN())

  it.each([
    ['exp', exp, 0, 1],
    ['exp', exp, -0, 1],
    ['exp', exp, Infinity, Infinity],
    ['exp', exp, -Infinity, 0],
    ['log', log, 1, 0],
    ['log', log, 0, -Infinity],
    ['log', log, -0, -Infinity],
    ['log', log, Infinity, Infinity],
    ['log', log, -1, Number.NaN],
    ['log', log, -Infinity, Number.NaN],
    ['tanh', tanh, 0, 0],
    ['tanh', tanh, Infinity, 1],
    ['tanh', tanh, -Infinity, -1],
    ['tanh', tanh, 1e308, 1],
    ['tanh', tanh, 5e-324, 5e-324],
    ['tanh', tanh, -5e-324, -5e-324],
    ['tanh', tanh, 1e-310, 1e-310],
    ['sigmoid', sigmoid, 0, 0.5],
    ['sigmoid', sigmoid, Infinity, 1],
    ['sigmoid', sigmoid, -Infinity, 0],
    ['sigmoid', sigmoid, -1e308, 0],
    ['softplus', softplus, Infinity, Infinity],
    ['softplus', softplus, -Infinity, 0],
    ['softplus', softplus, 1e308, 1e308],
    ['softplus', softplus, -1e308, 0],
    ['tanh', tanh, -0, -0],
    ['silu', silu, 0, 0],
    ['silu', silu, Infinity, Infinity],
    ['silu', silu, -Infinity, -0],
    ['silu', silu, 1e308, 1e308],
    ['silu', silu, -1e308, -0],
    ['sin', sin, 0, 0],
    ['cos', cos, 0, 1],
    ['cos', cos, -0, 1],
  ])('%s(%3$s) is exact: %4$s', (_, f, x, expected) => expect(f(x)).toBe(expected))

  it('exp overflows and underflows where a double does', () => {
    expect(exp(709.782712893384)).toBeGreaterThan(1.797e308)
    expect(exp(709.782712893384)).toBeLessThan(Infinity)
    expect(exp(709.7827128933841)).toBe(Infinity)
    expect(exp(-745.1332191019411)).toBe(5e-324)
    expect(exp(-745.1332191019412)).toBe(0)
  })

  it('powers of zero are those of the limit', () => {
    expect([power(0, 0), power(0, 0.2), power(1, 1e6)]).toEqual([1, 0, 1])
  })
})

describe('shape', () => {
  it.each([
    { name: 'exp', f: exp, limit: 700 },
    { name: 'tanh', f: tanh, limit: 25 },
    { name: 'sigmoid', f: sigmoid, limit: 700 },
    { name: 'softplus', f: softplus, limit: 700 },
  ])('$name never falls by more than rounding', ({ f, limit }) => {
    fc.assert(
      fc.property(anywhere(-limit, limit), even(0, 1), (x, step) => {
        const [low, high] = [f(x), f(x + step)]
        // Two results of 2 ulp each.
        expect(high - low).toBeGreaterThanOrEqual(-4 * Number.EPSILON * Math.abs(low))
      }),
    )
  })

  it('tanh is odd, bit for bit', () => {
    fc.assert(
      fc.property(anywhere(-1e3, 1e3), x => {
        expect(tanh(-x) + 0).toBe(-tanh(x) + 0)
      }),
    )
  })

  it('tanh, sigmoid and cos stay within their range', () => {
    fc.assert(
      fc.property(anywhere(-1e5, 1e5), x => {
        expect(Math.abs(tanh(x))).toBeLessThanOrEqual(1)
        expect(sigmoid(x)).toBeGreaterThanOrEqual(0)
        expect(sigmoid(x)).toBeLessThanOrEqual(1)
        // 2 ulp of one beyond it: the promise is absolute.
        expect(Math.abs(cos(x))).toBeLessThanOrEqual(1 + 2 * Number.EPSILON)
      }),
    )
  })
})
