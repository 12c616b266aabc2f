import { describe, expect, it } from 'vitest'
import { Lu } from '../../../src/ode/schemes/lu.js'
import { Random } from '../../../src/random.js'
import { array, largest, relativeError } from '../../support/arrays.js'

describe('LU factors', () => {
  it('solve random systems and their transposes', () => {
    const random = new Random(5)
    for (let n = 1; n <= 12; n++) {
      const matrix = array(n * n, () => random.normal())
      const x = array(n, () => random.normal())
      // (I − 0.7 M) x, and the transpose.
      const times = (transposed: boolean) =>
        array(
          n,
          i =>
            x[i]! - 0.7 * x.reduce((sum, v, j) => sum + (transposed ? matrix[j * n + i]! : matrix[i * n + j]!) * v, 0),
        )
      const lu = new Lu(n)
      expect(lu.factorShifted(matrix, 0.7)).toBe(true)
      const [solved, transposed] = [times(false), times(true)]
      lu.solve(solved)
      lu.solveTransposed(transposed)
      // Condition numbers of random matrices of this size stay below a few thousand.
      expect(relativeError(solved, x)).toBeLessThan(1e-11)
      expect(relativeError(transposed, x)).toBeLessThan(1e-11)
    }
  })

  it('say when there are none', () => {
    expect(new Lu(2).factorShifted(Float64Array.of(1, 0, 0, 1), 1)).toBe(false)
    expect(new Lu(1).factorShifted(Float64Array.of(Number.NaN), 1)).toBe(false)
    expect(largest([0])).toBe(0)
  })
})
