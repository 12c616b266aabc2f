import { describe, expect, it } from 'vitest'
import { BlockCovariance } from '../../../src/learn/covariance/block-covariance.js'
import type { Covariance } from '../../../src/learn/covariance/covariance.js'
import { PackedCovariance } from '../../../src/learn/covariance/packed-covariance.js'
import { Random } from '../../../src/random.js'
import { array, bits, dot } from '../../support/arrays.js'

const random = new Random(4)
const spread = array(7, i => 0.5 + i)
const blocks = [Int32Array.of(0, 2, 5), Int32Array.of(1), Int32Array.of(3, 4, 6)]

/** Learns two channels at once, as the Kalman rule does. @returns their gains. */
function learn(covariance: Covariance, sensitivities: readonly Float64Array[]): Float64Array[] {
  const gains = sensitivities.map(psi => new Float64Array(psi.length))
  covariance.multiply(sensitivities, gains)
  const weights = Float64Array.from(sensitivities, (psi, k) => dot(psi, gains[k]!) + 0.3)
  covariance.update(gains, weights, gains.length)
  return gains
}

const part = (vector: Float64Array, block: Int32Array) => Float64Array.from(block, i => vector[i]!)

describe('a covariance in blocks', () => {
  it('with one block of all is the whole one, bit for bit', () => {
    const whole = new PackedCovariance(spread, 0.99)
    const one = new BlockCovariance(spread, [Int32Array.from(spread.keys())], 0.99)
    for (let n = 0; n < 20; n++) {
      const psi = [array(7, () => random.normal()), array(7, () => random.normal())]
      expect(learn(one, psi).map(bits)).toEqual(learn(whole, psi).map(bits))
    }
    expect(bits(one.state['covariance.0']!)).toBe(bits(whole.state.covariance))
  })

  it('weighs each block with what is known of it, whatever the order of the indices', () => {
    const all = new BlockCovariance(spread, blocks, 0.99)
    const alone = blocks.map(block => new PackedCovariance(part(spread, block), 0.99))
    for (let n = 0; n < 20; n++) {
      const psi = [array(7, () => random.normal()), array(7, () => random.normal())]
      const gains = psi.map(() => new Float64Array(7))
      all.multiply(psi, gains)
      const weights = Float64Array.from(psi, (v, k) => dot(v, gains[k]!) + 0.3)
      blocks.forEach((block, b) => {
        const own = psi.map(() => new Float64Array(block.length))
        alone[b]!.multiply(
          psi.map(v => part(v, block)),
          own,
        )
        expect(gains.map(gain => bits(part(gain, block)))).toEqual(own.map(bits))
        alone[b]!.update(own, weights, 2)
      })
      all.update(gains, weights, 2)
    }
    blocks.forEach((_, b) => {
      expect(bits(all.state[`covariance.${b}`]!)).toBe(bits(alone[b]!.state.covariance))
    })
  })

  it('takes an update back', () => {
    const covariance = new BlockCovariance(spread, blocks, 1)
    learn(covariance, [array(7, () => random.normal())])
    const before = Object.values(covariance.state).map(values => values.slice())
    const psi = array(7, () => random.normal())
    const [gain] = learn(covariance, [psi])
    covariance.undo([gain!], Float64Array.of(-(dot(psi, gain!) + 0.3)), 1)
    Object.values(covariance.state).forEach((values, n) => {
      for (const [i, value] of values.entries()) expect(value).toBeCloseTo(before[n]![i]!, 12)
    })
  })

  it('goes back to its prior', () => {
    const covariance = new BlockCovariance(spread, blocks, 0.99)
    const prior = Object.values(covariance.state).map(bits)
    learn(covariance, [array(7, () => random.normal())])
    covariance.reset()
    expect(
      Object.entries(covariance.state)
        .filter(([name]) => name.startsWith('covariance'))
        .map(([, values]) => bits(values)),
    ).toEqual(prior.filter((_, n) => n % 2 === 0))
  })
})

describe('what nothing is learned of', () => {
  it('stays near its prior however many parameters there are: each block comes back to it by itself', () => {
    const n = 4000
    const wide = new BlockCovariance(
      new Float64Array(n).fill(1),
      Array.from({ length: 40 }, (_, b) => Int32Array.from({ length: 100 }, (_, i) => 100 * b + i)),
      0.999,
    )
    const nothing = new Float64Array(n)
    let most = 0
    for (let k = 0; k < 1000; k++) {
      wide.update([nothing], Float64Array.of(1), 1)
      if (k % 100 === 99)
        for (const values of Object.values(wide.state).filter((_, s) => s % 2 === 0)) most = Math.max(most, ...values)
    }
    // Between two turns a variance grows by 0.999⁻¹⁰⁰. In one piece it would be 0.999⁻⁴⁰⁰⁰, fifty times.
    expect(most).toBeLessThan(1.2)
  })
})
