import { describe, expect, it } from 'vitest'
import { PackedCovariance } from '../../../src/learn/covariance/packed-covariance.js'
import { Random } from '../../../src/random.js'
import { array, dot, relativeError } from '../../support/arrays.js'
import {
  addOuter,
  apply,
  diagonalMatrix,
  invert,
  isPositiveDefinite,
  scaleMatrix,
  unpack,
} from '../../support/dense.js'

const N = 6
const spread = Float64Array.of(1, 0.5, 2, 0.1, 1, 3)
const prior = spread.map(deviation => deviation ** 2)

/** Learns from one sensitivity with noise R, as the Kalman rule does. */
function learn(covariance: PackedCovariance, psi: Float64Array, noise: number) {
  const u = new Float64Array(psi.length)
  covariance.multiply([psi], [u])
  covariance.update([u], Float64Array.of(dot(psi, u) + noise), 1)
}

describe('multiply', () => {
  it('is the product with the full matrix, for several vectors at once', () => {
    const random = new Random(1)
    const covariance = new PackedCovariance(spread, 1)
    const { covariance: packed } = covariance.state
    packed.set(array(packed.length, () => random.normal()))
    const vectors = [0, 1, 2].map(() => array(N, () => random.normal()))
    const products = vectors.map(() => new Float64Array(N).fill(Number.NaN))
    covariance.multiply(vectors, products)
    const full = unpack(packed, N)
    // Sums of six terms in another order.
    products.forEach((product, k) => {
      expect(relativeError(product, apply(full, vectors[k]!))).toBeLessThan(1e-15)
    })
  })
})

describe('update', () => {
  it('starts at its prior, and goes back to it', () => {
    const covariance = new PackedCovariance(spread, 0.99)
    expect(unpack(covariance.state.covariance, N)).toEqual(diagonalMatrix(prior))
    learn(
      covariance,
      array(N, () => 1),
      0.5,
    )
    covariance.reset()
    expect(unpack(covariance.state.covariance, N)).toEqual(diagonalMatrix(prior))
  })

  it.each([1, 0.99, 0.9])('with forgetting %d is what Bayes says of the inverse', forgetting => {
    const random = new Random(2)
    const covariance = new PackedCovariance(spread, forgetting)
    let information = diagonalMatrix(prior.map(variance => 1 / variance))
    for (let k = 0; k < 40; k++) {
      const psi = array(N, () => random.normal())
      learn(covariance, psi, 0.5)
      // λ (P⁻¹ + ψψᵀ/R), and once in N updates the rest of its prior for each parameter: stabilised forgetting.
      information = scaleMatrix(addOuter(information, psi, psi, 1 / 0.5), forgetting)
      const turn = k % N
      information[turn]![turn]! += (N * (1 - forgetting)) / prior[turn]!
    }
    // Forty rank-one updates of a matrix whose condition is some hundreds.
    expect(relativeError(unpack(covariance.state.covariance, N).flat(), invert(information).flat())).toBeLessThan(1e-11)
  })

  it('takes several vectors as if they came one by one', () => {
    const random = new Random(3)
    const [together, apart] = [new PackedCovariance(spread, 1), new PackedCovariance(spread, 1)]
    const [p, q] = [array(N, () => random.normal()), array(N, () => random.normal())]
    learn(apart, p, 0.5)
    const [u, v] = [new Float64Array(N), new Float64Array(N)]
    apart.multiply([q], [v])
    const weight = dot(q, v) + 0.5
    learn(apart, q, 0.5)
    together.multiply([p], [u])
    together.update([u, v, new Float64Array(N)], Float64Array.of(dot(p, u) + 0.5, weight, Number.NaN), 2)
    expect(Array.from(together.state.covariance)).toEqual(Array.from(apart.state.covariance))
  })

  it('goes on exactly from its stored state', () => {
    const random = new Random(4)
    const psis = Array.from({ length: 20 }, () => array(N, () => random.normal()))
    const [original, restored] = [new PackedCovariance(spread, 0.9), new PackedCovariance(spread, 0.9)]
    for (const psi of psis) learn(original, psi, 1)
    restored.state.covariance.set(original.state.covariance)
    restored.state.cursor.set(original.state.cursor)
    for (const psi of psis) {
      learn(original, psi, 1)
      learn(restored, psi, 1)
    }
    expect(restored.state).toEqual(original.state)
  })
})

describe('forgetting', () => {
  it('cannot wind up where nothing is learned: P goes back to its prior', () => {
    const covariance = new PackedCovariance(spread, 0.98)
    const random = new Random(5)
    for (let k = 0; k < 50; k++)
      learn(
        covariance,
        array(N, () => random.normal()),
        0.1,
      )
    for (let k = 0; k < 2000; k++) learn(covariance, new Float64Array(N), 0.1)
    const P = unpack(covariance.state.covariance, N)
    for (let i = 0; i < N; i++) {
      // Between two turns of a parameter its variance grows by λ^−N = 1.13 at most.
      expect(P[i]![i]! / prior[i]!).toBeGreaterThan(0.85)
      expect(P[i]![i]! / prior[i]!).toBeLessThan(1.15)
    }
  })

  it.each([1, 0.999, 0.95])('leaves P positive definite over 5000 updates with forgetting %d', forgetting => {
    const random = new Random(6)
    const covariance = new PackedCovariance(spread, forgetting)
    for (let k = 1; k <= 5000; k++) {
      // Sensitivities of very different sizes, many of them along the same few directions.
      const size = 10 ** (4 * random.uniform() - 2)
      const psi = array(N, i => (i < 2 || k % 10 === 0 ? size * random.normal() : 0))
      learn(covariance, psi, 1e-3 * size * size)
      if (k % 100 === 0) expect(isPositiveDefinite(unpack(covariance.state.covariance, N))).toBe(true)
    }
    const { covariance: packed } = covariance.state
    expect(packed.every(Number.isFinite)).toBe(true)
    // Never far above the prior: 1/λ a turn.
    expect(Math.max(...packed)).toBeLessThan(2 * Math.max(...prior))
  })
})
