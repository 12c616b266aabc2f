import { expect, it } from 'vitest'
import { gain } from '../../../src/adjoint/update/gain.js'
import { array } from '../../support/arrays.js'
import { refusesOtherLengths, updateConformance } from './conformance.js'

updateConformance('gain', random =>
  gain(
    4,
    2,
    array(8, () => random.normal()),
  ),
)

it('adds K times the innovation, K row by row', () => {
  const zPlus = new Float64Array(3)
  const K = Float64Array.of(1, 2, 3, 4, 5, 6)
  gain(3, 2, K).apply(Float64Array.of(10, 20, 30), Float64Array.of(11, 23), zPlus)
  expect(Array.from(zPlus)).toEqual([10 + 1 + 2 * 3, 20 + 3 + 4 * 3, 30 + 5 + 6 * 3])
})

it('with K the identity it replaces, with K zero it does nothing', () => {
  const [z, y, zPlus] = [Float64Array.of(1, 2), Float64Array.of(5, Number.NaN), new Float64Array(2)]
  gain(2, 2, Float64Array.of(1, 0, 0, 1)).apply(z, y, zPlus)
  expect(Array.from(zPlus)).toEqual([5, 2])
  gain(2, 2).apply(z, y, zPlus)
  expect(Array.from(zPlus)).toEqual([1, 2])
})

it('uses its parameters in place', () => {
  const update = gain(1, 1)
  update.parameters[0] = 0.5
  const zPlus = new Float64Array(1)
  update.apply(Float64Array.of(2), Float64Array.of(4), zPlus)
  expect(zPlus[0]).toBe(3)
})

refusesOtherLengths(() => gain(3, 2))
