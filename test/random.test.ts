import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../src/random.js'

const draw = <T>(count: number, next: () => T) => Array.from({ length: count }, next)

describe('the generator', () => {
  it('gives the same numbers for the same seed, on every machine', () => {
    const random = new Random(1)
    expect(draw(4, () => random.bits())).toEqual([2442144158, 3238099751, 3819917871, 2104621829])
    expect(draw(3, () => random.uniform())).toEqual([0.4705824180198359, 0.35296769838967534, 0.33645951642765937])
    expect(draw(3, () => random.normal())).toEqual([0.0690630242231805, -1.2045406749187935, 1.3032724789934267])
    expect(draw(3, () => random.exponential())).toEqual([3.308406627616723, 0.5349501450957702, 3.228750766844054])
  })

  it('is xoshiro128**, as its authors published it', () => {
    const random = new Random(0)
    random.state.set([1, 2, 3, 4])
    // What the reference implementation in C gives from this state (also in the tests of the crate rand_xoshiro).
    const published = [
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]
    expect(draw(10, () => random.bits())).toEqual(published)
  })

  it('goes on exactly from a stored state', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(50), (seed, drawn) => {
        const original = new Random(seed)
        draw(drawn, () => original.normal())
        const restored = new Random(0)
        restored.state.set(original.state)
        expect(draw(20, () => restored.normal())).toEqual(draw(20, () => original.normal()))
        expect(restored.state).toEqual(original.state)
      }),
    )
  })

  it('gives other numbers for another seed, beyond 32 bits too', () => {
    const seeds = [0, 1, 2, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 33, 2 ** 52]
    const firsts = seeds.map(seed => new Random(seed).uniform())
    expect(new Set(firsts).size).toBe(seeds.length)
  })

  it('never has a state of all zeros, from which it could not leave', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), seed => {
        expect(new Random(seed).state.some(word => word !== 0)).toBe(true)
      }),
    )
  })
})

describe('distributions', () => {
  const COUNT = 100_000

  /** Sample moments are normal for this many numbers; beyond five standard errors lies one seed in two million. */
  const STANDARD_ERRORS = 5

  function expectMean(values: number[], mean: number, variance: number) {
    const average = values.reduce((sum, x) => sum + x, 0) / values.length
    expect(Math.abs(average - mean)).toBeLessThan(STANDARD_ERRORS * Math.sqrt(variance / values.length))
  }

  it('uniform numbers lie in [0, 1), with mean 1/2 and variance 1/12', () => {
    const random = new Random(11)
    const values = draw(COUNT, () => random.uniform())
    expect(values.every(x => x >= 0 && x < 1)).toBe(true)
    expectMean(values, 1 / 2, 1 / 12)
    expectMean(
      values.map(x => (x - 1 / 2) ** 2),
      1 / 12,
      1 / 180,
    )
  })

  it('uniform stays below one when every bit is set, and uses all 53 of them', () => {
    const random = new Random(0)
    // The state whose next two outputs are 0xffffffff, found by inverting the scrambler.
    random.state.set([0, 2199679431, 0, 0])
    expect(random.uniform()).toBe(1 - 2 ** -53)
  })

  it('normal numbers have mean 0, variance 1, no skew and the kurtosis 3', () => {
    const random = new Random(12)
    const values = draw(COUNT, () => random.normal())
    // Variances of x, x², x³, x⁴ for a standard normal x.
    for (const [power, mean, variance] of [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ] as const)
      expectMean(
        values.map(x => x ** power),
        mean,
        variance,
      )
  })

  it('exponential numbers are not negative, with mean 1 and variance 1', () => {
    const random = new Random(13)
    const values = draw(COUNT, () => random.exponential())
    expect(values.every(x => x >= 0 && x < Infinity)).toBe(true)
    expectMean(values, 1, 1)
    // (x − 1)² has mean 1 and variance 8.
    expectMean(
      values.map(x => (x - 1) ** 2),
      1,
      8,
    )
  })
})
