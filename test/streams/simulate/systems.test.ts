import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SYSTEM_NAMES } from '../../../src/names.js'
import { systems } from '../../../streams/simulate/systems.js'

const slope = (name: (typeof SYSTEM_NAMES)[number], ...z: number[]) => {
  const dz = new Float64Array(z.length)
  systems[name].evaluate(Float64Array.from(z), dz)
  return Array.from(dz)
}

describe('systems', () => {
  it.each(SYSTEM_NAMES)('describes %s completely', name => {
    const { about, channels, start, meanGap, noise } = systems[name]
    expect(about.length).toBeGreaterThan(10)
    expect(start).toHaveLength(channels.length)
    expect(new Set(channels).size).toBe(channels.length)
    expect(meanGap).toBeGreaterThan(0)
    expect(noise).toBeGreaterThan(0)
  })

  it('has the equations of the literature', () => {
    expect(slope('van-der-pol', 2, 3)).toEqual([3, -11])
    expect(slope('lotka-volterra', 4, 2)).toEqual([-2, 2])
    expect(slope('pendulum', 0, 1)).toEqual([1, -0.02])
    expect(slope('lorenz', 1, 2, 3)).toEqual([10, 23, -6])
    expect(slope('spiral', 2, 0)).toEqual([-0.8, -16])
  })

  it('uses only operations that every machine rounds in the same way', () => {
    // ECMAScript leaves the last bits of ** to the implementation; a product of three is not the same number as x ** 3.
    const state = fc.double({ min: -4, max: 4, noNaN: true })
    fc.assert(
      fc.property(state, state, (x, v) => {
        expect(slope('van-der-pol', x, v)).toEqual([v, (1 - x * x) * v - x])
        const [cubeX, cubeV] = [x * x * x, v * v * v]
        expect(slope('spiral', x, v)).toEqual([-0.1 * cubeX + 2 * cubeV, -2 * cubeX - 0.1 * cubeV])
      }),
      { numRuns: 1000 },
    )
  })
})
