import { expect, it } from 'vitest'
import { difference, type ErrorUnit, inOwnUnit, makeRoom } from '../../src/learn/error-unit.js'

/** Root mean square, summed as the scores sum. */
function rootMeanSquare(values: readonly number[]): number {
  const sums: ErrorUnit & { squares: number } = { unit: 1, squares: 0 }
  for (const value of values) {
    makeRoom(sums, Math.abs(value), factor => {
      sums.squares = sums.squares * factor * factor
    })
    sums.squares += (value * sums.unit) ** 2
  }
  return inOwnUnit(Math.sqrt(sums.squares / values.length), sums.unit)
}

it.each([
  [[3, 4, 0, 0], 2.5],
  [[3e150, 4e150, 0, 0], 2.5e150],
  // The unit changes behind a sum that is as large as what comes.
  [[0.9e150, 1.2e150, 0, 0], 0.75e150],
  [[1, 1e308, 1e308, 1], 1e308 / Math.SQRT2],
  [[Number.MAX_VALUE, -Number.MAX_VALUE, Number.MAX_VALUE], Number.MAX_VALUE],
  [[1e-200, 1e-200], 0],
])('F20: the root mean square of %j is %d', (values, wanted) => {
  expect(Math.abs(rootMeanSquare(values) - wanted)).toBeLessThanOrEqual(1e-15 * wanted)
})

it('F20: sums of ordinary numbers have the bits of plain ones', () => {
  const values = Array.from({ length: 50 }, (_, i) => Math.sin(i) * 10 ** (i - 25))
  const plain = values.reduce((sum, value) => sum + value ** 2, 0)
  expect(rootMeanSquare(values)).toBe(Math.sqrt(plain / values.length))
})

it('F20: a difference is within what a double holds', () => {
  expect([difference(3, 1), difference(1e308, -1e308), difference(-1e308, 1e308)]).toEqual([
    2,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
  ])
})
