import { expect, it } from 'vitest'
import { none } from '../../../src/adjoint/update/none.js'
import { updateConformance } from './conformance.js'

updateConformance('none', () => none())

it('the state goes on as it was', () => {
  const zPlus = new Float64Array(2)
  none().apply(Float64Array.of(1, 2), Float64Array.of(5, 6), zPlus)
  expect(Array.from(zPlus)).toEqual([1, 2])
})
