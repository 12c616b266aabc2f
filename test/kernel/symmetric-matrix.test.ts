import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kernel } from '../../src/kernel/kernel.js'
import { createSymmetricMatrix } from '../../src/kernel/kernel-symmetric-matrix.js'
import { PlainSymmetricMatrix } from '../../src/kernel/symmetric-matrix.js'
import { Random } from '../../src/random.js'
import { array, bits, relativeError } from '../support/arrays.js'

const sizes = fc.integer({ min: 1, max: 45 })

function twins(n: number, seed: number) {
  const random = new Random(seed)
  const [fast, plain] = [createSymmetricMatrix(n, kernel()), new PlainSymmetricMatrix(n)]
  fast.values.set(array(fast.values.length, () => random.normal()))
  plain.values.set(fast.values)
  return { fast, plain, draw: () => array(n, () => random.normal()) }
}

describe('a symmetric matrix on kernels', () => {
  it('is one', () => {
    expect(createSymmetricMatrix(3, kernel())).not.toBeInstanceOf(PlainSymmetricMatrix)
    expect(createSymmetricMatrix(3, undefined)).toBeInstanceOf(PlainSymmetricMatrix)
  })

  it('multiplies as the plain one does, to the rounding of sums', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), (n, seed) => {
        const { fast, plain, draw } = twins(n, seed)
        const v = draw()
        const [one, other] = [new Float64Array(n).fill(Number.NaN), new Float64Array(n)]
        fast.multiply([v], [one])
        plain.multiply([v], [other])
        // Sums of 45 terms of size one in another order.
        expect(relativeError(one, other)).toBeLessThan(1e-13)
      }),
    )
  })

  it('multiplies several vectors as one after the other, bit for bit', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.integer({ min: 0, max: 5 }), (n, seed, count) => {
        const { fast, draw } = twins(n, seed)
        const vectors = Array.from({ length: count }, draw)
        const rooms = () => vectors.map(() => new Float64Array(n).fill(Number.NaN))
        const [together, apart] = [rooms(), rooms()]
        fast.multiply(vectors, together)
        vectors.forEach((v, k) => {
          fast.multiply([v], [apart[k]!])
        })
        expect(together.map(bits)).toEqual(apart.map(bits))
      }),
    )
  })

  it('subtracts as the plain one does, bit for bit, any number of vectors', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.integer({ min: 0, max: 5 }), (n, seed, count) => {
        const { fast, plain, draw } = twins(n, seed)
        const vectors = Array.from({ length: count }, draw)
        const weights = array(count, k => k + 1.5)
        for (const matrix of [fast, plain]) matrix.subtract(vectors, weights, count, 1 / 0.999)
        expect(bits(fast.values)).toBe(bits(plain.values))
        const last = { vector: draw(), weight: 0.7 }
        for (const matrix of [fast, plain]) matrix.subtractAnd({ vectors, weights, count, factor: 1 / 0.99 }, last)
        expect(bits(fast.values)).toBe(bits(plain.values))
      }),
    )
  })

  it('does not touch what lies beside it', () => {
    const [first, second] = [twins(7, 1), twins(7, 2)]
    const before = bits(second.fast.values)
    first.fast.subtract([first.draw(), first.draw()], Float64Array.of(1, 2), 2, 0.5)
    expect(bits(second.fast.values)).toBe(before)
  })
})
