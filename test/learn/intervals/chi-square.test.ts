import { describe, expect, it } from 'vitest'
import { surprise } from '../../../src/learn/intervals/chi-square.js'

describe('surprise', () => {
  it.each([
    // Quantiles that every table has.
    [0.05, 1, 3.8414588206941285],
    [0.001, 1, 10.827566170662733],
    [0.05, 2, 5.991464547107983],
    [0.001, 2, 13.815510557964274],
    [0.05, 3, 7.814727903251178],
    [0.001, 5, 20.515005652432876],
    [0.05, 10, 18.30703805327515],
    [0.001, 20, 45.31474661812587],
    [0.5, 20, 19.337429229428256],
  ])('of probability %d with %d degrees of freedom is −log₁₀ of it', (probability, k, x) => {
    // The promise: 1e-10 relative.
    expect(surprise(x, k)).toBeCloseTo(-Math.log10(probability), 10)
  })

  it.each([
    // From mpmath, 40 digits. Around 12.5 the error function changes from a series to a fraction.
    [1e-8, 1, 3.4653068613299594e-5],
    [0.01, 1, 0.036049661062642284],
    [12.4, 1, 3.3672048701735506],
    [12.6, 1, 3.4136977178774566],
    [100, 1, 22.817023409822095],
    [1e6, 1, 217150.33901199873],
    [0.5, 2, 0.10857362047581295],
    [5000, 2, 1085.7362047581296],
    [1e-3, 3, 3.651528202096926e-6],
    [12.49, 3, 2.2306260813351755],
    [12.51, 3, 2.2346670489910996],
    [1000, 3, 215.7448672452274],
    [3, 4, 0.2535017141828401],
    [1e5, 7, 21703.49822464533],
    [40, 10, 4.7709649898598885],
    [1e4, 20, 2143.7406602324895],
    [60, 51, 0.740501855024397],
    [250, 100, 14.109750250878049],
    // Far beyond where the probability underflows, and where its terms overflow.
    [1e160, 8, 2.171472409516259e159],
    [1e40, 20, 2.1714724095162592e39],
    [1e300, 6, 2.171472409516259e299],
  ])('of %d with %d degrees of freedom is exact to ten digits', (x, k, expected) => {
    // The promise: 1e-10 relative; a probability near one leaves no more than 1e-15 of absolute accuracy.
    expect(Math.abs(surprise(x, k) - expected)).toBeLessThan(1e-10 * expected + 1e-15)
  })

  it('is zero for no surprise at all, without a sign', () => {
    for (const k of [1, 2, 3, 10]) expect(Object.is(surprise(0, k), 0)).toBe(true)
  })

  it('grows with x and falls with the degrees of freedom, up to the largest number', () => {
    for (const k of [1, 2, 3, 8, 21]) {
      const xs = [k, 2 * k, 100, 1e4, 1e8, 1e50, 1e150, 1e250, 1e308]
      const scores = xs.map(x => surprise(x, k))
      for (let n = 1; n < xs.length; n++) expect(scores[n]).toBeGreaterThan(scores[n - 1]!)
      expect(surprise(30, k + 1)).toBeLessThan(surprise(30, k))
    }
  })

  it('of something infinite is large and finite, so that it can be written down', () => {
    for (const k of [1, 2, 3, 8, 21]) {
      expect(surprise(Infinity, k)).toBeGreaterThan(1e300)
      expect(surprise(Infinity, k)).toBeLessThan(Infinity)
    }
  })
})
