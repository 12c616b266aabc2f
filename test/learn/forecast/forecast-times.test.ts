import { expect, it } from 'vitest'
import { forecastTimes } from '../../../src/learn/forecast/forecast-times.js'

it('a look ahead stops at every horizon once, and at a grid up to the last', () => {
  expect(forecastTimes([0.25, 1, 1, 2.5], 1)).toEqual([0.25, 1, 2, 2.5])
  expect(forecastTimes([0, 0.5], 10)).toEqual([0, 0.5])
  expect(forecastTimes([3, 7], Number.POSITIVE_INFINITY)).toEqual([3, 7])
  expect(forecastTimes([], 1)).toEqual([])
})
