import { expect, it } from 'vitest'
import { sgd } from '../../../src/learn/rules/sgd.js'
import { optimizerConformance } from './optimizer-conformance.js'

optimizerConformance('sgd', length => sgd(length))

it('the first steps are as computed by hand', () => {
  const optimizer = sgd(1, { rate: 0.1, momentum: 0.5 })
  const parameters = Float64Array.of(1)
  const path = [2, 0, -1].map(gradient => {
    optimizer.update(parameters, Float64Array.of(gradient))
    return parameters[0]!
  })
  // Velocities 2, 1 and −0.5; differences of a few roundings.
  ;[0.8, 0.7, 0.75].forEach((expected, n) => {
    expect(path[n]).toBeCloseTo(expected, 14)
  })
})

it('without momentum it is plain gradient descent', () => {
  const optimizer = sgd(2, { rate: 0.25, momentum: 0 })
  const parameters = Float64Array.of(1, 2)
  optimizer.update(parameters, Float64Array.of(4, -8))
  optimizer.update(parameters, Float64Array.of(0, 4))
  expect(Array.from(parameters)).toEqual([0, 3])
})
