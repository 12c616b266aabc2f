import fc from 'fast-check'
import { from, NEVER, Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Observation } from '../../src/observation.js'
import { EventOrder } from '../../src/operators/event-order.js'
import { reorder } from '../../src/operators/reorder.js'
import { marbles } from '../support/marbles.js'
import { at, MISSING } from '../support/observations.js'
import { collect, describeOperatorContract } from '../support/operator-contract.js'
import { SCALE } from '../support/seed.js'

const timesOf = (observations: readonly Observation[]) => observations.map(({ t }) => t)

describeOperatorContract('reorder', {
  create: () => reorder({ allowedLateness: 2 }),
  inputs: [1, 3, 2, 6, 5, 9, 8, 12].map(t => at(t, t)),
  callbacks: { late: fail => ({ operator: reorder({ late: fail }), inputs: [at(5, 1), at(1, 1)] }) },
})
describeOperatorContract('reorder with idle sources', {
  create: () => reorder({ allowedLateness: 2, idle: NEVER }),
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

  it('F08: gives exactly what comes behind the watermark to the callback', () => {
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

  it('M14, F07: gives the same output for every arrival order within the lateness, simultaneous observations included', () => {
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
      { numRuns: 1000 * SCALE },
    )
  })

  it('M3, F15: puts simultaneous observations into one order: by value, missing ones last', () => {
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

  it('holds no more than it may, however many come at one time', () => {
    const source = new Subject<Observation>()
    const late: Observation[] = []
    const seen = collect(source.pipe(reorder({ allowedLateness: 5, maxHeld: 10, late: o => late.push(o) })))
    for (let i = 0; i < 100; i++) source.next(at(1, i))
    expect(seen.values).toHaveLength(90)
    source.next(at(0.5, 0))
    source.complete()
    expect(seen.values.map(({ y }) => y[0])).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect(late).toEqual([at(0.5, 0)])
  })

  it('F04: passes on what it holds when the source has fallen silent, and takes nothing older any more', () => {
    marbles(({ hot, expectObservable }) => {
      const source = hot('1--3--------2-6--9|', values)
      const idle = hot('  --------x---------', { x: 0 })
      const late: Observation[] = []
      const out = source.pipe(reorder({ allowedLateness: 4, idle, late: o => late.push(o) }))
      expectObservable(out).toBe('--------(13)------(69|)', values)
      return () => expect(timesOf(late)).toEqual([2])
    })
  })

  it('marks what is late instead, for who can still use it', () => {
    const arrivals = [at(5, 0), at(1, 0), at(6, 0)]
    expect(collect(from(arrivals).pipe(reorder({ passLate: true }))).values).toEqual([
      at(5, 0),
      { ...at(1, 0), arrival: 'late' },
      at(6, 0),
    ])
  })

  it('F10: after so many late ones in a row begins a new time with the next, once', () => {
    const late: number[] = []
    const before = Array.from({ length: 5000 }, (_, i) => at(i, 0))
    const after = Array.from({ length: 2000 }, (_, i) => at(1400 + i, 1)) // an hour back
    const operator = reorder({ allowedLateness: 3, clockReset: 10, late: ({ t }) => late.push(t) })
    const { values } = collect(from([...before, ...after]).pipe(operator))
    expect(late).toEqual(after.slice(0, 10).map(({ t }) => t))
    expect(values.slice(0, 5000)).toEqual(before)
    expect(values[5000]).toEqual({ ...after[10], arrival: 'reset' })
    expect(values.slice(5001)).toEqual(after.slice(11))
  })

  it('F10: late ones between others, or in no order themselves, are no new time', () => {
    const operator = () => reorder({ clockReset: 3 })
    const times = (...arrivals: number[]) => timesOf(collect(from(arrivals.map(t => at(t, 0))).pipe(operator())).values)
    expect(times(100, 1, 2, 3, 101, 4, 5, 6, 102)).toEqual([100, 101, 102])
    expect(times(100, 9, 8, 7, 6, 5, 4, 3, 101)).toEqual([100, 101])
    expect(times(100, 1, 2, 3, 4, 5)).toEqual([100, 4, 5])
  })

  it('changes what it still holds: a correction takes its place, a retraction takes it away', () => {
    const withdrawn: Observation[] = []
    const operator = reorder({ allowedLateness: 10, withdrawn: o => withdrawn.push(o) })
    const named = (t: number, id: string, ...y: number[]) => ({ ...at(t, ...y), id })
    const correction = { ...named(1.5, 'a', 7), revision: 'correct' } as const
    const retraction = { ...named(2, 'b'), revision: 'retract' } as const
    const arrivals = [named(1, 'a', 1), named(2, 'b', 2), named(3, 'c', 3), correction, retraction]
    expect(collect(from(arrivals).pipe(operator)).values).toEqual([named(1.5, 'a', 7), named(3, 'c', 3)])
    expect(withdrawn).toEqual([named(1, 'a', 1), named(2, 'b', 2), retraction])
  })

  it('passes a revision of what it has passed on, at once', () => {
    const revision = { ...at(1, 7), id: 'a', revision: 'correct' } as const
    const arrivals = [{ ...at(1, 1), id: 'a' }, at(20, 0), at(21, 0), revision, at(40, 0)]
    const { values } = collect(from(arrivals).pipe(reorder({ allowedLateness: 10 })))
    expect(timesOf(values)).toEqual([1, 1, 20, 21, 40])
    expect(values[1]).toBe(revision)
  })

  it('goes on where it stopped when the order outlives the subscription', () => {
    const order = new EventOrder({ allowedLateness: 2 })
    const arrivals = [1, 3, 2, 6, 5].map(t => at(t, t))
    const first = new Subject<Observation>()
    const seen = collect(first.pipe(reorder({ order })))
    for (const arrival of arrivals.slice(0, 3)) first.next(arrival)
    seen.unsubscribe()
    const rest = collect(from(arrivals.slice(3)).pipe(reorder({ order }))).values
    expect(timesOf([...seen.values, ...rest])).toEqual([1, 2, 3, 5, 6])
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
