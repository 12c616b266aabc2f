import { describe, expect, it } from 'vitest'
import { Learner } from '../../../src/learn/learner.js'
import { SharedTapes } from '../../../src/ode/solution/shared-tapes.js'

const observation = (key: number, i: number) => ({
  key: `k${key}`,
  t: i + 0.3 * Math.sin(7 * i + key),
  y: Float64Array.of(Math.sin(i / 3 + key), Math.cos(i / 3 + key)),
})

describe('SharedTapes', () => {
  it('learners that take turns on one tape get the bits of learners with tapes of their own', () => {
    const tapes = new SharedTapes()
    const shared = [0, 1, 2].map(() => new Learner({}, tapes))
    const alone = [0, 1, 2].map(() => new Learner())
    for (let i = 0; i < 80; i++)
      for (let k = 0; k < 3; k++)
        expect(shared[k]!.observe(observation(k, i))).toEqual(alone[k]!.observe(observation(k, i)))
    expect(shared[2]!.predict([100])).toEqual(alone[2]!.predict([100]))
  })
})
