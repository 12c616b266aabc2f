import { describe, expect, it } from 'vitest'
import { tanh } from '../../src/elementary.js'
import { mlp, mlpLayout, mlpShape } from '../../src/field/mlp.js'
import { ACTIVATION_NAMES } from '../../src/names.js'
import { randomMlp } from '../support/fields.js'
import { fieldConformance } from './conformance.js'

const slopeOf = (field: ReturnType<typeof mlp>, t: number, ...z: number[]) => {
  const dz = new Float64Array(field.dimension)
  field.evaluate(t, Float64Array.from(z), dz)
  return Array.from(dz)
}

for (const activation of ACTIVATION_NAMES)
  for (const time of [false, true])
    for (const skip of [false, true])
      for (const hidden of [[], [5], [5, 4]])
        fieldConformance(
          `mlp ${activation} ${hidden.join('-') || 'without hidden layers'}${time ? ' with time' : ''}${skip ? ' with skip' : ''}`,
          seed => randomMlp(seed, { activation, time, skip, hidden }),
        )

describe('mlp', () => {
  it('computes layer by layer, weights row-major then bias, t as the last input, A z at last', () => {
    const shape = mlpShape({ dimension: 1, hidden: [2], activation: 'tanh', time: true, skip: true })
    const [w00, w01, w10, w11, b0, b1, v0, v1, c, A] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.1]
    const field = mlp(shape, Float64Array.of(w00, w01, w10, w11, b0, b1, v0, v1, c, A))
    const [t, z] = [3, 2]
    const expected = v0 * tanh(w00 * z + w01 * t + b0) + v1 * tanh(w10 * z + w11 * t + b1) + c + A * z
    // The same sums in another order: a few roundings.
    expect(slopeOf(field, t, z)[0]).toBeCloseTo(expected, 14)
  })

  it('lays its parameters out in that order', () => {
    const shape = mlpShape({ dimension: 2, hidden: [3, 4], activation: 'silu', time: true, skip: true })
    expect(mlpLayout(shape)).toEqual({ weights: [0, 12, 28], biases: [9, 24, 36], skip: 38, length: 42 })
    expect(mlp(shape).parameters.length).toBe(42)
  })

  it('without hidden layers is affine, whatever the activation', () => {
    const shape = mlpShape({ dimension: 1, hidden: [], activation: 'relu' })
    expect(slopeOf(mlp(shape, Float64Array.of(2, -10)), 0, 1)).toEqual([-8])
  })

  it('is zero while its parameters are', () => {
    const field = mlp(mlpShape({ dimension: 2, hidden: [3], activation: 'tanh', skip: true }))
    expect(slopeOf(field, 1, 2, 3)).toEqual([0, 0])
  })

  it('uses the parameters in place', () => {
    const field = mlp(mlpShape({ dimension: 1, hidden: [], activation: 'tanh' }))
    field.parameters.set([1, 2])
    expect(slopeOf(field, 0, 3)).toEqual([5])
  })

  it('does not change when its hidden units are permuted together with their weights', () => {
    const shape = mlpShape({ dimension: 1, hidden: [2], activation: 'tanh' })
    const one = mlp(shape, Float64Array.of(0.3, -0.7, 0.1, 0.2, 1.5, -0.5, 0.05))
    const other = mlp(shape, Float64Array.of(-0.7, 0.3, 0.2, 0.1, -0.5, 1.5, 0.05))
    // Another order of two summands and a bias.
    expect(slopeOf(one, 0, 0.4)[0]).toBeCloseTo(slopeOf(other, 0, 0.4)[0]!, 15)
  })

  it('refuses layers that do not fit together', () => {
    const wrong = expect.objectContaining({ code: 'DIMENSION_MISMATCH' })
    const dense = (inputs: number, outputs: number) => ({ inputs, outputs, activation: 'tanh' as const })
    const shape = (time: boolean, ...layers: ReturnType<typeof dense>[]) => ({ layers, time, skip: false })
    expect(() => mlp(shape(false, dense(2, 3), dense(4, 2)))).toThrow(wrong)
    expect(() => mlp(shape(false, dense(2, 3), dense(3, 1)))).toThrow(wrong)
    expect(() => mlp(shape(true, dense(2, 3), dense(3, 2)))).toThrow(wrong)
    expect(() => mlp(shape(false, dense(2, 3), dense(3, 2)), new Float64Array(16))).toThrow(wrong)
    expect(mlp(shape(true, dense(3, 3), dense(3, 2))).dimension).toBe(2)
  })
})
