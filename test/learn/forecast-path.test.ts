import { describe, expect, it } from 'vitest'
import { ForecastPath } from '../../src/learn/forecast-path.js'
import { path } from '../support/paths.js'

describe('the path of a forecast', () => {
  const y = [1, 2].map(value => Float64Array.of(value))
  const past = path(new Float64Array(2), [0.5, 0.75], y)

  it('goes on from the window over a grid, with the horizons among it, without values', () => {
    const ahead = new ForecastPath(past, 1, [0.25, 1, 2.5], 1)
    expect(Array.from({ length: ahead.length }, (_, i) => ahead.time(i))).toEqual([0.5, 0.75, 1, 1.75, 2.75, 3.25])
    expect(ahead.future).toBe(2)
    expect(ahead.horizonIndex.map(index => ahead.time(index))).toEqual([1, 1.75, 3.25])
    expect(ahead.observed(1)).toBe(y[1])
    expect(ahead.observed(2)).toEqual(Float64Array.of(Number.NaN))
    expect([ahead.startTime, ahead.startState]).toEqual([0, past.startState])
  })

  it('of an empty window starts at its start', () => {
    const ahead = new ForecastPath({ ...past, startTime: 7, length: 0 }, 1, [0, 0.5], 10)
    expect(Array.from({ length: ahead.length }, (_, i) => ahead.time(i))).toEqual([7, 7.5])
    expect(ahead.horizonIndex).toEqual([0, 1])
  })
})
