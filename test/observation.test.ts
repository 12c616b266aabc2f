import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareObservations, fromNullable, isMeasured, type Observation, toNullable } from '../src/observation.js'

const at = (t: number, ...y: number[]): Observation => ({ key: '', t, y: Float64Array.from(y) })

describe('missing values', () => {
  it('are NaN inside and null outside', () => {
    expect(toNullable([1, Number.NaN, -2])).toEqual([1, null, -2])
    expect(Array.from(fromNullable([1, null, -2]))).toEqual([1, Number.NaN, -2])
    expect([0, -0, Infinity, Number.NaN].map(isMeasured)).toEqual([true, true, true, false])
  })

  it('survive the way out and in again', () => {
    const nullable = fc.array(fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })))
    fc.assert(
      fc.property(nullable, y => {
        expect(toNullable(fromNullable(y))).toEqual(y.map(value => (value === null ? null : value + 0)))
      }),
    )
  })

  it('leave no negative zero, which JSON cannot carry', () => {
    expect(Object.is(toNullable([-0])[0], 0)).toBe(true)
    expect(Object.is(fromNullable([-0])[0], 0)).toBe(true)
  })
})

describe('the canonical order', () => {
  it('is by time, then by value, missing values last', () => {
    const sorted = [
      at(1, 5, 1),
      at(2, -1, 0),
      at(2, 3, 1),
      at(2, 3, 2),
      at(2, 3, Number.NaN),
      at(2, Number.NaN, 0),
      at(3),
    ]
    expect([...sorted].reverse().sort(compareObservations)).toEqual(sorted)
  })

  it('does not depend on the order of arrival', () => {
    const value = fc.oneof(fc.constantFrom(0, 1, Number.NaN), fc.double({ noDefaultInfinity: true }))
    const observation = fc.tuple(fc.integer({ min: 0, max: 2 }), value, value).map(([t, a, b]) => at(t, a, b))
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 8 }), fc.func(fc.integer()), (observations, shuffle) => {
        const shuffled = observations
          .map(observation => ({ observation, key: shuffle(observation) }))
          .sort((a, b) => a.key - b.key)
          .map(({ observation }) => observation)
        const text = (list: Observation[]) => list.map(({ t, y }) => `${t}: ${toNullable(y)}`)
        expect(text(shuffled.sort(compareObservations))).toEqual(text([...observations].sort(compareObservations)))
      }),
    )
  })
})
