import { expect, it } from 'vitest'
import { replace } from '../../../src/adjoint/update/replace.js'
import { updateConformance } from './conformance.js'

updateConformance('replace', () => replace())

it('measured channels take the value, the rest of the state stays', () => {
  const zPlus = new Float64Array(4)
  replace().apply(Float64Array.of(1, 2, 3, 4), Float64Array.of(5, Number.NaN, 7), zPlus)
  expect(Array.from(zPlus)).toEqual([5, 2, 7, 4])
})

it('nothing of the adjoint passes where the state was replaced', () => {
  const a = Float64Array.of(1, 2, 3)
  replace().vjp(new Float64Array(3), Float64Array.of(5, Number.NaN), a, new Float64Array(0))
  expect(Array.from(a)).toEqual([0, 2, 3])
})
