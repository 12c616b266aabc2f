import { describe, expect, it } from 'vitest'
import { createModel } from '../../../src/learn/model/model.js'
import { bits } from '../../support/arrays.js'

const slopeAt = (model: ReturnType<typeof createModel>, z: readonly number[]) => {
  const dz = new Float64Array(model.dimension)
  model.field.evaluate(0, Float64Array.from(z), dz)
  return Array.from(dz)
}

describe('a new model', () => {
  it('starts as persistence: channels hold still, their velocities are damped', () => {
    const model = createModel({ channels: 2 })
    expect(model.dimension).toBe(4)
    expect(slopeAt(model, [3, -2, 0, 0])).toEqual([0, 0, 0, 0])
    // Products of 0.3, exact but for the sign of zero.
    expect(slopeAt(model, [3, -2, 1, 10]).map(x => x + 0)).toEqual([1, 10, -0.3, -3])
  })

  it('takes over what was measured, and part of the innovation as velocity', () => {
    const model = createModel({ channels: 2 })
    const zPlus = new Float64Array(4)
    model.update.apply(Float64Array.of(1, 2, 0, 0), Float64Array.of(2, Number.NaN), zPlus)
    expect(Array.from(zPlus)).toEqual([2, 2, 0.4, 0])
  })

  it.each([
    [{ augment: 0 }, 2, 2 * 16 + 16 + 16 * 2 + 2 + 4 + 4],
    [{ augment: 1 }, 3, 3 * 16 + 16 + 16 * 3 + 3 + 9 + 6],
    [{ augment: 'auto' }, 4, 4 * 16 + 16 + 16 * 4 + 4 + 16 + 8],
    [{ augment: 0, update: 'none' }, 2, 2 * 16 + 16 + 16 * 2 + 2 + 4],
    [{ augment: 0, update: 'replace', dynamics: { skip: false, time: true, hidden: [] } }, 2, 3 * 2 + 2],
  ] as const)('%o has a state of %i and %i parameters', (options, dimension, parameters) => {
    const model = createModel({ channels: 2, ...options })
    expect([model.dimension, model.parameters.length]).toEqual([dimension, parameters])
    expect(model.spread.length).toBe(parameters)
    expect(model.spread.every(deviation => deviation > 0)).toBe(true)
  })

  it('has its field and its update map over one vector of parameters', () => {
    const { field, update, parameters } = createModel({ channels: 2 })
    parameters.fill(0)
    parameters[0] = 7
    parameters[parameters.length - 1] = 8
    expect(field.parameters[0]).toBe(7)
    expect(update.parameters.at(-1)).toBe(8)
    expect(field.parameters.length + update.parameters.length).toBe(parameters.length)
  })

  it('is the same for the same seed, and another for another', () => {
    const parametersOf = (seed: number) => bits(createModel({ channels: 2, seed }).parameters)
    expect(parametersOf(5)).toBe(parametersOf(5))
    expect(parametersOf(5)).not.toBe(parametersOf(6))
  })
})
