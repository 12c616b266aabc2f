import { expect, it } from 'vitest'
import { linear } from '../../src/field/linear.js'
import { randomLinear } from '../support/fields.js'
import { fieldConformance } from './conformance.js'

fieldConformance('linear', seed => randomLinear(seed))
fieldConformance('linear in one dimension', seed => randomLinear(seed, 1))

it('multiplies by the matrix in its parameters, row by row, in place', () => {
  const matrix = Float64Array.of(1, 2, 3, 4)
  const field = linear(2, matrix)
  const dz = new Float64Array(2)
  field.evaluate(0, Float64Array.of(10, 1), dz)
  expect(Array.from(dz)).toEqual([12, 34])
  matrix[0] = 5
  field.evaluate(0, Float64Array.of(10, 1), dz)
  expect(dz[0]).toBe(52)
})

it('starts at zero and refuses a matrix of another size', () => {
  expect(Array.from(linear(2).parameters)).toEqual([0, 0, 0, 0])
  expect(() => linear(2, new Float64Array(5))).toThrow(expect.objectContaining({ code: 'DIMENSION_MISMATCH' }))
})
