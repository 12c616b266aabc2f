import { connect, from, map, merge, Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { Learner } from '../../src/learn/learner.js'
import type { Observation } from '../../src/observation.js'
import { learn } from '../../src/operators/learn.js'
import { type PropagateOptions, propagate } from '../../src/operators/propagate.js'
import { marbles } from '../support/marbles.js'
import { at, oscillation } from '../support/observations.js'
import { collect, describeOperatorContract } from '../support/operator-contract.js'

/** A learner that has learned one observation a second from 0 to 11. */
function learned(): Learner {
  const learner = new Learner({ warmup: 2, window: 4 })
  for (const observation of oscillation(12)) learner.observe(observation)
  return learner
}
const grid = (times: readonly number[], options: Partial<PropagateOptions> = {}) =>
  collect(from(times.map(t => at(t, 0, 0))).pipe(propagate(learned(), { every: 1, ...options }))).values.map(
    ({ t }) => t,
  )

describeOperatorContract('propagate', {
  create: () => propagate(learned(), { every: 1 }),
  inputs: [at(12, 0, 0), at(13.5, 0, 0), at(15, 0, 0)],
  callbacks: {
    skipped: fail => ({ operator: propagate(learned(), { every: 1, most: 2, skipped: fail }), inputs: [at(20, 0, 0)] }),
  },
})

describe('propagate', () => {
  it('gives every multiple of `every` between two observations, and the second one itself, once', () => {
    expect(grid([12, 12, 12.5, 14.2, 14.2, 16])).toEqual([12, 13, 14, 15, 16])
    expect(grid([12.9], { every: 0.5 })).toEqual([11.5, 12, 12.5])
    expect(grid([11.05, 12], { every: 0.1 })).toEqual(
      Array.from({ length: 10 }, (_, i) => (111 + i) * 0.1).filter(t => t <= 12),
    )
  })

  it('gives what the learner predicts from the observations before, not from the one that has come', () => {
    const learner = learned()
    const expected = learned().predict([12, 13], { intervals: true })
    const observations = [at(13.5, 3, 3)]
    const seen = collect(
      from(observations).pipe(
        connect(o => merge(o.pipe(propagate(learner, { every: 1, intervals: true })), o.pipe(learn(learner)))),
      ),
    ).values
    expect(seen.slice(0, 2)).toEqual(expected.map(prediction => ({ key: 'k', ...prediction, since: 11 })))
    expect(seen).toHaveLength(3)
    expect(expected[0]!.interval[0]).not.toBeNull()
  })

  it('costs no intervals unless they are asked for; the values are the same', () => {
    const [with_, without] = [true, false].map(
      intervals => collect(from([at(14, 0, 0)]).pipe(propagate(learned(), { every: 1, intervals }))).values,
    )
    expect(without!.map(({ interval }) => interval)).toEqual([1, 2, 3].map(() => [null, null]))
    without!.forEach(({ predicted }, i) => {
      // Another grid underneath, so other steps: the same to the solver's tolerance.
      for (const [j, value] of predicted.entries()) expect(value).toBeCloseTo(with_![i]!.predicted[j]!, 2)
    })
  })

  it('follows the clock that it is given, and waits for observations without one', () => {
    marbles(({ hot, expectObservable }) => {
      const source = hot<Observation>('  ---b--------c--|', { b: at(11.5, 0, 0), c: at(15, 0, 0) })
      const now = hot<number>('          -x---y-z---------', { x: 14, y: 12.4, z: 14 })
      const times = source.pipe(
        propagate(learned(), { every: 1, now }),
        map(({ t }) => `${t}`),
      )
      // Before the first observation nobody knows whose grid it is.
      expectObservable(times).toBe('     -----p-(qr)-s--|', {
        p: '12',
        q: '13',
        r: '14',
        s: '15',
      })
    })
  })

  it('lets go of the clock when the source ends', () => {
    const now = new Subject<number>()
    const source = new Subject<Observation>()
    const seen = collect(source.pipe(propagate(learned(), { every: 1, now })))
    expect(now.observed).toBe(true)
    source.complete()
    expect([now.observed, seen.completed]).toEqual([false, true])
  })

  it('bounds what comes after one observation, and counts what it leaves out', () => {
    const left: number[] = []
    const skipped = (count: number) => left.push(count)
    expect(grid([1e9], { most: 3, skipped })).toEqual([12, 13, 14])
    expect(left).toEqual([1e9 - 14])
    const now = new Subject<number>()
    const source = new Subject<Observation>()
    const seen = collect(source.pipe(propagate(learned(), { every: 1, most: 3, skipped, now })))
    source.next(at(11, 0, 0))
    for (const t of [12, 13.5, 20, 30]) now.next(t)
    expect(seen.values.map(({ t }) => t)).toEqual([12, 13, 14])
    expect(left.slice(1)).toEqual([6, 10])
  })

  it('begins a new grid after each observation that has been learned', () => {
    const learner = learned()
    const source = new Subject<Observation>()
    const seen = collect(
      source.pipe(
        connect(o => merge(o.pipe(propagate(learner, { every: 1, most: 2 })), o.pipe(learn(learner)))),
        map(value => ('since' in value ? [value.t, value.since] : undefined)),
      ),
    )
    for (const t of [14, 20]) source.next(at(t, 0, 0))
    expect(seen.values.filter(value => value !== undefined)).toEqual([
      [12, 11],
      [13, 11],
      [15, 14],
      [16, 14],
    ])
  })

  it('says nothing during the warm-up', () => {
    const learner = new Learner({ warmup: 5, window: 4 })
    const seen = collect(
      from(oscillation(8)).pipe(
        connect(o => merge(o.pipe(propagate(learner, { every: 0.5 })), o.pipe(learn(learner)))),
        map(value => ('since' in value ? value.t : undefined)),
      ),
    )
    expect(seen.values.filter(t => t !== undefined)).toEqual([4.5, 5, 5.5, 6, 6.5, 7])
  })

  it('does not change what the learner does next, to the bit', () => {
    const [plain, asked] = [learned(), learned()]
    collect(from([at(15, 0, 0)]).pipe(propagate(asked, { every: 0.1, intervals: true })))
    const rest = [at(16, 1, 2), at(17, 0, 1)]
    expect(rest.map(o => asked.observe(o))).toEqual(rest.map(o => plain.observe(o)))
  })
})
