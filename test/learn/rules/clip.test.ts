import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clipNorm, norm } from '../../../src/learn/rules/clip.js'

const of = (...v: number[]) => Float64Array.from(v)

describe('norm', () => {
  it.each([
    [of(), 0],
    [of(0, -0), 0],
    [of(3, -4), 5],
    [of(3e300, 4e300), 5e300],
    [of(3e-300, 4e-300), 5e-300],
    [of(5e-324), 5e-324],
    [of(1e300, 1e-300), 1e300],
  ])('of %s is %d', (v, expected) => {
    // A handful of roundings.
    expect(Math.abs(norm(v) - expected)).toBeLessThanOrEqual(4 * Number.EPSILON * expected)
  })

  it('shows a NaN and an infinity wherever they stand', () => {
    const entry = fc.constantFrom(0, 1, -1e300, 1e-300)
    fc.assert(
      fc.property(fc.array(entry), fc.array(entry), fc.constantFrom(Number.NaN, Infinity, -Infinity), (a, b, bad) => {
        expect(norm(of(...a, bad, ...b))).not.toBeLessThan(Infinity)
        expect(clipNorm(of(...a, bad, ...b), 1)).not.toBeLessThan(Infinity)
      }),
    )
    expect(norm(of(Number.NaN, 0))).toBeNaN()
  })
})

describe('clipNorm', () => {
  it('F61: shortens what is too long, keeps its direction, and returns its length', () => {
    const v = of(30, -40)
    expect(clipNorm(v, 5)).toBe(50)
    // A product of rounded numbers.
    expect(v[0]).toBeCloseTo(3, 14)
    expect(v[1]).toBeCloseTo(-4, 14)
  })

  it('leaves alone what is short enough', () => {
    const v = of(0.3, -0.4)
    clipNorm(v, 0.5)
    expect(Array.from(v)).toEqual([0.3, -0.4])
  })

  it('makes a vector of any size as long as the limit', () => {
    const entry = fc.integer({ min: -9, max: 9 })
    const exponent = fc.integer({ min: -290, max: 290 })
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1 }), exponent, (digits, power) => {
        const v = Float64Array.from(digits, digit => digit * 10 ** power)
        const limit = norm(v) / 7
        clipNorm(v, limit)
        // A few roundings; the limit itself may not be met to the last bit.
        expect(Math.abs(norm(v) - limit)).toBeLessThanOrEqual(1e-14 * limit)
      }),
    )
  })
})
