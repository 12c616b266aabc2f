import fc from 'fast-check'
import { from, Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Observation } from '../../src/observation.js'
import { reorder } from '../../src/operators/reorder.js'
import { marbles } from '../support/marbles.js'
import { at, MISSING } from '../support/observations.js'
import { collect, describeOperatorContract } from '../support/operator-contract.js'

const timesOf = (observations: readonly Observation[]) => observations.map(({ t }) => t)

describeOperatorContract('reorder', {
  create: () => reorder({ allowedLateness: 2 }),
  inputs: [1, 3, 2, 6, 5, 9, 8, 12].map(t => at(t, t)),
})
describeOperatorContract('reorder without lateness', {
  create: () => reorder(),
  inputs: [1, 2, 2, 5].map(t => at(t, t)),
})

describe('reorder', () => {
  const values = Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(t => [t, at(t, t)]))

  it('holds an observation until it is older than the watermark, and flushes at the end', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --1--3--2--6-----|', values)
      const expected = '    -----------(123)-(6|)'
      const subscription = '^----------------!'
      expectObservable(source.pipe(reorder({ allowedLateness: 2 }))).toBe(expected, values)
      expectSubscriptions(source.subscriptions).toBe(subscription)
    })
  })

  it('passes everything on at once without allowed lateness', () => {
    marbles(({ hot, expectObservable }) => {
      const source = hot('1--2-3-(44)-|', values)
      const expected = '  1--2-3-(44)-|'
      expectObservable(source.pipe(reorder())).toBe(expected, values)
    })
  })

  it('gives exactly what comes behind the watermark to the callback', () => {
    const late: number[] = []
    const operator = reorder({ allowedLateness: 2, late: ({ t }) => late.push(t) })
    const arrivals = [10, 8, 7.999, 12, 9.5, 10, 3, 12.5, 10.4, 10.5].map(t => at(t, 0))
    expect(timesOf(collect(from(arrivals).pipe(operator)).values)).toEqual([8, 10, 10, 10.5, 12, 12.5])
    expect(late).toEqual([7.999, 9.5, 3, 10.4])
  })

  it('drops late observations when nobody takes them', () => {
    const arrivals = [5, 1, 6].map(t => at(t, 0))
    expect(timesOf(collect(from(arrivals).pipe(reorder({ allowedLateness: 3 }))).values)).toEqual([5, 6])
  })

  it('gives the same output for every arrival order within the lateness, simultaneous observations included', () => {
    const LATENESS = 3
    const observation = fc.record({ t: fc.integer({ min: 0, max: 20 }), delay: fc.integer({ min: 0, max: LATENESS }) })
    const value = fc.constantFrom(-1, 0, 1, MISSING)
    const arrivals = fc.array(fc.tuple(observation, value, value), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(arrivals, fc.array(fc.integer(), { minLength: 40, maxLength: 40 }), (drawn, shuffle) => {
        // Who arrives `delay` late is at most that much behind the newest; equal arrivals come in any order.
        const shuffled = drawn
          .map(([{ t, delay }, a, b], i) => ({ arrival: t + delay, tie: shuffle[i]!, value: at(t, a, b) }))
          .sort((a, b) => a.arrival - b.arrival || a.tie - b.tie)
          .map(({ value }) => value)
        const late: Observation[] = []
        const run = (order: readonly Observation[]) =>
          collect(from(order).pipe(reorder({ allowedLateness: LATENESS, late: o => late.push(o) }))).values.map(
            ({ t, y }) => [t, ...y],
          )
        const sorted = run([...shuffled].sort((a, b) => a.t - b.t))
        expect(run(shuffled)).toEqual(sorted)
        expect(late).toEqual([])
        expect(sorted).toHaveLength(drawn.length)
      }),
      { numRuns: 200 },
    )
  })

  it('puts simultaneous observations into one order: by value, missing ones last', () => {
    const group = [at(1, 2, 5), at(1, MISSING, 1), at(1, 2, MISSING), at(1, -3, 0)]
    const orders = [group, [...group].reverse(), [group[2]!, group[0]!, group[3]!, group[1]!]]
    for (const order of orders) {
      const { values } = collect(from(order).pipe(reorder({ allowedLateness: 1 })))
      expect(values).toEqual([group[3], group[0], group[2], group[1]])
    }
  })

  it('holds no more than what can arrive within the lateness', () => {
    const source = new Subject<Observation>()
    const seen = collect(source.pipe(reorder({ allowedLateness: 5 })))
    let most = 0
    for (let i = 0; i < 1000; i++) {
      source.next(at(i, 0))
      most = Math.max(most, i + 1 - seen.values.length)
    }
    // Those of the last five seconds, both ends included.
    expect(most).toBe(6)
    source.complete()
    expect(seen.values).toHaveLength(1000)
  })

  it('has a state for each subscription', () => {
    const operator = reorder({ allowedLateness: 1 })
    const [first, second] = [new Subject<Observation>(), new Subject<Observation>()]
    const seen = [collect(first.pipe(operator)), collect(second.pipe(operator))]
    first.next(at(100, 0))
    second.next(at(1, 0))
    first.complete()
    second.complete()
    expect(seen.map(({ values }) => timesOf(values))).toEqual([[100], [1]])
  })

  it('ends in the error that the callback throws', () => {
    const failure = new Error('of the callback')
    const operator = reorder({
      late: () => {
        throw failure
      },
    })
    expect(collect(from([at(2, 0), at(1, 0), at(3, 0)]).pipe(operator))).toEqual({
      values: [at(2, 0)],
      error: failure,
      completed: false,
    })
  })
})
