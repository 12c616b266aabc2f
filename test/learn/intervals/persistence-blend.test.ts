import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PersistenceBlend } from '../../../src/learn/intervals/persistence-blend.js'
import { Random } from '../../../src/random.js'

function weightAfter(count: number, errors: (random: Random) => [model: number, persistence: number]): number {
  const random = new Random(1)
  const blend = new PersistenceBlend(1)
  for (let k = 0; k < count; k++) blend.observe(0, ...errors(random), Number.POSITIVE_INFINITY)
  return blend.weight(0)
}

describe('the blend with persistence', () => {
  it('gives all weight to a model that is better', () => {
    expect(weightAfter(500, random => [0.3 * random.normal(), random.normal()])).toBeGreaterThan(0.99)
  })

  it('gives no weight to a model that is worse', () => {
    expect(weightAfter(500, random => [2 * random.normal(), random.normal()])).toBeLessThan(0.01)
  })

  it('does not depend on the unit of the errors', () => {
    const weight = (unit: number) => weightAfter(50, random => [unit * random.normal(), 1.05 * unit * random.normal()])
    // The same up to the rounding of squares and quotients.
    expect(weight(1e-4)).toBeCloseTo(weight(1), 10)
    expect(weight(1e4)).toBeCloseTo(weight(1), 10)
  })

  it('comes back when the better one changes', () => {
    const random = new Random(2)
    const blend = new PersistenceBlend(1)
    const run = (model: number, persistence: number) => {
      for (let k = 0; k < 1500; k++) blend.observe(0, model * random.normal(), persistence * random.normal(), model)
      return blend.weight(0)
    }
    expect(run(2, 1)).toBeLessThan(0.01)
    expect(run(0.3, 1)).toBeGreaterThan(0.99)
    expect(run(2, 1)).toBeLessThan(0.01)
  })

  it('trusts persistence just after a surprise where the model overshoots then, and the model otherwise', () => {
    const random = new Random(4)
    const blend = new PersistenceBlend(1)
    const calm = (count: number) => {
      for (let k = 0; k < count; k++) blend.observe(0, 0.3 * random.normal(), random.normal(), 0.3)
    }
    const surprise = () => blend.observe(0, 4, 4, 0.3)
    for (let n = 0; n < 30; n++) {
      surprise()
      for (let k = 0; k < 3; k++) blend.observe(0, 0.9, 0.1, 0.3)
      calm(40)
    }
    expect(blend.weight(0)).toBeGreaterThan(0.9)
    surprise()
    expect(blend.weight(0)).toBeLessThan(0.1)
    calm(3)
    expect(blend.weight(0)).toBeGreaterThan(0.9)
  })

  it('leans towards the model before anything is known', () => {
    const weight = new PersistenceBlend(1).weight(0)
    expect(weight).toBeGreaterThan(0.5)
    expect(weight).toBeLessThan(1)
  })

  it('gives a weight between zero and one, whatever the errors', () => {
    const error = fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -3, max: 3 }))
    fc.assert(
      fc.property(fc.array(fc.tuple(error, error, fc.double({ min: 0, noNaN: true }))), errors => {
        const blend = new PersistenceBlend(1)
        for (const [model, persistence, deviation] of errors) {
          blend.observe(0, model, persistence, deviation)
          expect(blend.weight(0)).toBeGreaterThanOrEqual(0)
          expect(blend.weight(0)).toBeLessThanOrEqual(1)
        }
      }),
    )
  })

  it('keeps its channels apart and goes on exactly from its stored state', () => {
    const random = new Random(3)
    const [original, restored] = [new PersistenceBlend(2), new PersistenceBlend(2)]
    for (let k = 0; k < 30; k++) original.observe(0, random.normal(), random.normal(), 0.3)
    expect(original.weight(1)).toBe(restored.weight(1))
    for (const [key, values] of Object.entries(original.state)) Reflect.get(restored.state, key).set(values)
    for (let k = 0; k < 30; k++) {
      const [model, persistence] = [random.normal(), random.normal()]
      original.observe(0, model, persistence, 0.3)
      restored.observe(0, model, persistence, 0.3)
    }
    expect(restored.weight(0)).toBe(original.weight(0))
  })

  it('a surprise in one channel is one for all: the other was right until then, and wrong after such surprises', () => {
    const blend = new PersistenceBlend(2)
    const observe = (first: number, second: number, persistence: number) => {
      blend.observe(0, first, 1, 1)
      blend.observe(1, second, persistence, 1)
      blend.shareShock()
    }
    for (let n = 0; n < 200; n++) {
      for (let i = 0; i < 10; i++) observe(0.1, 0.1, 1)
      observe(100, 0.1, 1)
      for (let i = 0; i < 3; i++) observe(0.1, 3, 1)
    }
    for (let i = 0; i < 10; i++) observe(0.1, 0.1, 1)
    const calm = blend.weight(1)
    observe(100, 0.1, 1)
    expect(blend.weight(1)).toBeLessThan(calm)
    expect(blend.weight(1)).toBeLessThan(0.1)
  })
})
