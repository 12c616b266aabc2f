import { describe, expect, it } from 'vitest'
import type { Optimizer } from '../../../src/learn/rules/optimizer.js'
import { Random } from '../../../src/random.js'
import { array, bits } from '../../support/arrays.js'

/** What every optimizer promises. @param create One for this many parameters, with its default options. */
export function optimizerConformance(name: string, create: (length: number) => Optimizer): void {
  const gradientsOf = (seed: number, count: number) => {
    const random = new Random(seed)
    return Array.from({ length: count }, () => array(5, () => random.normal()))
  }

  describe(name, () => {
    it('goes on exactly from its stored state', () => {
      const [original, restored] = [create(5), create(5)]
      const parameters = new Float64Array(5)
      for (const gradient of gradientsOf(1, 20)) original.update(parameters, gradient)
      const stored = structuredClone(original.state)
      const copy = parameters.slice()
      for (const [key, values] of Object.entries(stored)) restored.state[key]!.set(values)
      for (const gradient of gradientsOf(2, 20)) {
        original.update(parameters, gradient.slice())
        restored.update(copy, gradient)
      }
      expect(bits(copy)).toBe(bits(parameters))
    })

    it('keeps its state in the same arrays', () => {
      const optimizer = create(5)
      const before = Object.values(optimizer.state)
      for (const gradient of gradientsOf(1, 3)) optimizer.update(new Float64Array(5), gradient)
      Object.values(optimizer.state).forEach((values, n) => {
        expect(values).toBe(before[n])
      })
    })

    it('goes downhill', () => {
      const optimizer = create(2)
      const parameters = Float64Array.of(1, -1)
      for (let n = 0; n < 3000; n++)
        optimizer.update(
          parameters,
          parameters.map((x, i) => (i + 1) * x),
        )
      // From a distance of 1.4 to within the last few steps of a default rate.
      expect(Math.hypot(...parameters)).toBeLessThan(0.02)
    })

    it('does not move a parameter whose gradient has always been zero', () => {
      const optimizer = create(2)
      const parameters = Float64Array.of(1, 0.5)
      for (let n = 0; n < 10; n++) optimizer.update(parameters, Float64Array.of(1, 0))
      expect(parameters[1]).toBe(0.5)
      expect(parameters[0]).toBeLessThan(1)
    })
  })
}
