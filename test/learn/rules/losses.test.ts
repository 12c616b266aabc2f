import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { absolute, gaussian, huber, type Loss, squared } from '../../../src/learn/rules/losses.js'
import { differences } from '../../support/finite-differences.js'

const losses: [string, Loss][] = [
  ['squared', squared],
  ['huber', huber()],
  ['huber with another δ', huber(0.3)],
  ['absolute', absolute],
]

describe.each(losses)('%s', (_, loss) => {
  it('has the slope of its value', () => {
    fc.assert(
      fc.property(fc.integer({ min: -5000, max: 5000 }), n => {
        const e = Float64Array.of(n / 1000 + 0.0003) // never at the corner of the second derivative
        // Central differences of a function of size 25.
        expect(Math.abs(loss.slope(e[0]!, 0) - differences(() => loss.value(e[0]!, 0), e)[0]!)).toBeLessThan(1e-8)
      }),
    )
  })

  it('is zero at zero, positive elsewhere, the same on both sides', () => {
    expect(loss.value(0, 0)).toBe(0)
    for (const e of [1e-8, 0.1, 1, 10]) {
      expect(loss.value(e, 0)).toBeGreaterThan(0)
      expect(loss.value(-e, 0)).toBe(loss.value(e, 0))
      expect(loss.slope(-e, 0)).toBe(-loss.slope(e, 0))
    }
  })
})

it('an outlier pulls no harder than δ in Huber’s loss', () => {
  expect(huber().slope(1e300, 0)).toBe(2)
  expect(huber(0.5).slope(-1e300, 0)).toBe(-1)
  expect(huber().value(3, 0)).toBe(5)
})

describe.each([0, 0.5, 1])('the Gaussian likelihood with β = %f', beta => {
  const loss = gaussian(2, beta)
  const weight = (s: number) => Math.exp(beta * s)

  it('has the slopes of its value, the weight σ^2β held', () => {
    for (const [e, s] of [
      [0.7, -1.2],
      [-2, 0.4],
      [0, 3],
    ] as const) {
      loss.parameters![1] = s
      const density = (e: number, s: number) =>
        weight(loss.parameters![1]!) * 0.5 * (e * e * Math.exp(-s) + s + Math.log(2 * Math.PI))
      const at = Float64Array.of(e, s)
      const [byResidual, byLogVariance] = differences(() => density(at[0]!, at[1]!), at)
      const out = new Float64Array(2)
      loss.parameterSlope!(e, 1, 2, out)
      // Library exp against ours, then central differences of a function of size ten.
      expect(loss.value(e, 1)).toBeCloseTo(density(e, s), 12)
      loss.parameters![1] = s
      expect(Math.abs(loss.slope(e, 1) - byResidual!)).toBeLessThan(1e-8)
      expect(Math.abs(out[1]! - 2 * byLogVariance!)).toBeLessThan(1e-8)
      expect(out[0]).toBe(0)
    }
  })

  it('is least where the variance is the mean square', () => {
    const residuals = [1, -3, 2]
    const mean = residuals.reduce((sum, e) => sum + e * e, 0) / residuals.length
    loss.parameters![0] = Math.log(mean)
    const out = new Float64Array(2)
    for (const e of residuals) loss.parameterSlope!(e, 0, 1, out)
    // Three terms of size one that cancel.
    expect(Math.abs(out[0]!)).toBeLessThan(1e-14 * weight(Math.log(mean)))
  })
})
