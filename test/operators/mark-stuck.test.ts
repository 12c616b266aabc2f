import { from } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Estimate } from '../../src/estimate.js'
import { Repeats } from '../../src/learn/repeats.js'
import { markStuck } from '../../src/operators/mark-stuck.js'
import { Section } from '../../src/section.js'
import { collect, describeOperatorContract } from '../support/operator-contract.js'

function estimate(value: number | null, t = 0): Estimate {
  return {
    key: 'k',
    t,
    observed: [value],
    predicted: [null],
    interval: [null],
    score: null,
    loss: null,
    update: { count: 0, gradientNorm: 0 },
    evaluations: { forward: 0, backward: 0 },
  }
}

/** So many changes between 0 and 9, each value for as long. */
const moving = (changes: number, length = 1) =>
  Array.from({ length: changes * length }, (_, i) => (Math.floor(i / length) * 7) % 10)
const still = (length: number, value: number | null = 4.5) => Array<number | null>(length).fill(value)

/** How many of the last ones, those that stand still, are called stuck. */
const stuckOf = (values: readonly (number | null)[]) =>
  collect(from(values.map(value => estimate(value))).pipe(markStuck())).values.filter(({ stuck }) => stuck).length

describeOperatorContract('markStuck', {
  create: () => markStuck(),
  inputs: [1, 2, 2, null, 3].map((value, i) => estimate(value, i)),
})

describe('markStuck', () => {
  it.each([
    ['40 of the same, where every value differed', [...moving(40), ...still(40)], 1],
    ['39 of them', [...moving(40), ...still(39)], 0],
    ['a slow signal that is as it always was', [...moving(40, 30), ...still(150)], 0],
    ['a slow signal that repeats more than five times as often', [...moving(40, 30), ...still(160)], 10],
    ['before it is known what is usual', [...moving(20), ...still(100)], 61],
    ['with fewer changes than that', [...moving(19), ...still(100)], 0],
    ['the lowest value, where it may rest', [...moving(40), ...still(100, 0)], 0],
    ['the highest', [...moving(40), ...still(100, 9)], 0],
    ['a value beyond all before', [...moving(40), ...still(100, 20)], 0],
    ['a channel that never moves', still(1000), 0],
    ['missing values between', [...moving(40), ...still(39), null, null, 4.5, null], 2],
    ['movement after it', [...moving(40), ...still(60), ...moving(10)], 21],
  ])('knows %s', (_what, values, expected) => {
    expect(stuckOf(values)).toBe(expected)
  })

  it('calls the same fault by its name again, and what comes a third time usual', () => {
    const one = [...moving(40), ...still(60)]
    expect(stuckOf([...one, ...one])).toBe(2 * 21)
    expect(stuckOf([...one, ...one, ...one])).toBe(2 * 21)
  })

  it('counts no corrections and nothing late, and leaves what is not stuck as it was', () => {
    const repeats = new Repeats()
    for (const value of [...moving(40), ...still(40)]) repeats.observe(estimate(value))
    expect(repeats.observe({ ...estimate(1), revision: 'late' })).toEqual([0])
    expect(repeats.observe(estimate(4.5))).toEqual([0])
    const same = estimate(1)
    expect(collect(from([same]).pipe(markStuck())).values[0]).toBe(same)
  })

  it('goes on from what was saved, at any place', () => {
    const values = [...moving(40), ...still(60), ...moving(30), ...still(50)]
    const through = new Repeats()
    const marks = values.map(value => through.observe(estimate(value)).length)
    for (let cut = 0; cut < values.length; cut += 7) {
      const [before, after] = [new Repeats(), new Repeats()]
      for (const value of values.slice(0, cut)) before.observe(estimate(value))
      after.restore(new Section(before.save()))
      expect(values.slice(cut).map(value => after.observe(estimate(value)).length)).toEqual(marks.slice(cut))
      expect(after.save()).toEqual(through.save())
    }
  })
})
