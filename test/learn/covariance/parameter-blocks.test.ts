import { describe, expect, it } from 'vitest'
import { mlpLayout } from '../../../src/field/mlp.js'
import { parameterBlocks } from '../../../src/learn/covariance/parameter-blocks.js'
import { createModel } from '../../../src/learn/model/model.js'
import { KalmanRule } from '../../../src/learn/rules/kalman.js'

const models = [
  createModel({ channels: 3 }),
  createModel({ channels: 3, augment: 2, dynamics: { hidden: [8, 5], time: true, skip: false } }),
  createModel({ channels: 2, update: 'gru' }),
  createModel({ channels: 2, update: 'none', dynamics: { hidden: [] } }),
]

describe.each(models)('the blocks of a model, %#', model => {
  it.each([1, 7, 40, 256, 1e6])('of at most %d have every parameter once', most => {
    const blocks = parameterBlocks(model, most)
    for (const block of blocks) expect(block.length).toBeLessThanOrEqual(most)
    expect(blocks.flatMap(block => Array.from(block)).sort((a, b) => a - b)).toEqual([...model.parameters.keys()])
  })
})

it('what makes a channel and its velocity stays together', () => {
  const model = createModel({ channels: 3 })
  const { shape, dimension, channels } = model
  const layout = mlpLayout(shape!)
  const of = (i: number) => [
    layout.weights[1]! + 16 * i,
    layout.biases[1]! + i,
    layout.skip + i * dimension,
    layout.length + i * channels,
  ]
  const blocks = parameterBlocks(model, 60).map(block => new Set(block))
  for (let c = 0; c < channels; c++) {
    const home = blocks.find(block => block.has(of(c)[0]!))!
    for (const index of [...of(c), ...of(c + channels)]) expect(home.has(index)).toBe(true)
  }
})

it('one piece up to 512 parameters, blocks beyond', () => {
  const numbers = (channels: number) =>
    Object.entries(new KalmanRule(createModel({ channels })).state)
      .filter(([name]) => name.startsWith('covariance'))
      .reduce((sum, [, values]) => sum + values.length, 0)
  expect(createModel({ channels: 5 }).parameters.length).toBe(496)
  expect(numbers(5)).toBe((496 * 497) / 2)
  // 19 672 parameters: 1.5 GB in one piece.
  expect(numbers(52)).toBeLessThan(19_672 * 257 * 0.5)
})

it('a block is a positive whole number', () => {
  const model = createModel({ channels: 2 })
  for (const block of [0, 1.5, -3, Number.NaN]) expect(() => new KalmanRule(model, { block })).toThrow('block')
})
