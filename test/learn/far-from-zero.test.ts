import { expect, it } from 'vitest'
import { Learner } from '../../src/learn/learner.js'
import { lateErrors, run, simulated } from '../support/streams.js'

it('a system far from zero, in units of any size, is learned as well as one a little way off', () => {
  const stream = simulated({ system: 'van-der-pol', count: 800 })
  const errorAt = (offset: number, unit: number) => {
    const moved = stream.map(observation => ({ ...observation, y: observation.y.map(v => offset + unit * v) }))
    const { model, persistence } = lateErrors(run(new Learner(), moved), 400)
    return model / persistence
  }
  const near = errorAt(30, 1)
  // 1.3 to 2 times the error before units were bounded by what the channel does.
  for (const [offset, unit] of [
    [1013, 1],
    [-1e6, 1],
    [-50, 1e-5],
  ] as const)
    expect(errorAt(offset, unit)).toBeLessThan(1.25 * near)
})
