import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { huber, type Loss, squared } from '../../src/learn/losses.js'
import { differences } from '../support/finite-differences.js'

const losses: [string, Loss][] = [
  ['squared', squared],
  ['huber', huber()],
  ['huber with another δ', huber(0.3)],
]

describe.each(losses)('%s', (_, loss) => {
  it('has the slope of its value', () => {
    fc.assert(
      fc.property(fc.integer({ min: -5000, max: 5000 }), n => {
        const e = Float64Array.of(n / 1000 + 0.0003) // never at the corner of the second derivative
        // Central differences of a function of size 25.
        expect(Math.abs(loss.slope(e[0]!) - differences(() => loss.value(e[0]!), e)[0]!)).toBeLessThan(1e-8)
      }),
    )
  })

  it('is zero at zero, positive elsewhere, the same on both sides', () => {
    expect(loss.value(0)).toBe(0)
    for (const e of [1e-8, 0.1, 1, 10]) {
      expect(loss.value(e)).toBeGreaterThan(0)
      expect(loss.value(-e)).toBe(loss.value(e))
      expect(loss.slope(-e)).toBe(-loss.slope(e))
    }
  })
})

it('an outlier pulls no harder than δ in Huber’s loss', () => {
  expect(huber().slope(1e300)).toBe(2)
  expect(huber(0.5).slope(-1e300)).toBe(-1)
  expect(huber().value(3)).toBe(5)
})
