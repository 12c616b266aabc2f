import { expect, it } from 'vitest'
import type { Estimate } from '../../src/estimate.js'
import { Evaluation } from '../../src/learn/evaluation.js'

const estimate = (observed: number, predicted: number | null): Estimate => ({
  key: '',
  t: 0,
  observed: [observed],
  predicted: [predicted],
  interval: [null],
  score: null,
  loss: null,
  update: { count: 0, gradientNorm: 0 },
  evaluations: { forward: 0, backward: 0 },
})

it('F20: values near the largest a double holds leave errors and their ratio finite, block by block', () => {
  const evaluation = new Evaluation()
  // The first block of 50 is ordinary, the second is not.
  for (let i = 0; i < 100; i++) evaluation.observe(estimate(i === 60 ? 1e308 : i % 2, i === 0 ? null : 0.5))
  const [all, half] = [evaluation.part(0), evaluation.part(0.5)]
  expect(all.channels[0]!.rmse / 1e308).toBeCloseTo(Math.sqrt(1 / 99), 12)
  expect(all.channels[0]!.persistence / 1e308).toBeCloseTo(Math.sqrt(2 / 99), 12)
  expect(half.pooled.model / half.pooled.persistence).toBeCloseTo(Math.SQRT1_2, 12)
  const ordinary = new Evaluation()
  for (let i = 0; i < 100; i++) ordinary.observe(estimate(i % 2, i === 0 ? null : 0.5))
  expect(ordinary.part(0).channels[0]).toMatchObject({ rmse: 0.5, persistence: 1 })
})
