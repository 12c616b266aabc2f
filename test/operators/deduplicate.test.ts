import fc from 'fast-check'
import { from, Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Observation } from '../../src/observation.js'
import { type DeduplicateOptions, deduplicate } from '../../src/operators/deduplicate.js'
import { Duplicates } from '../../src/operators/duplicates.js'
import { at, MISSING } from '../support/observations.js'
import { collect, describeOperatorContract } from '../support/operator-contract.js'
import { SCALE } from '../support/seed.js'

describeOperatorContract('deduplicate', {
  create: () => deduplicate(),
  inputs: [at(1, 1), at(2, 2), at(2, 3), at(3, 3)],
  callbacks: { dropped: fail => ({ operator: deduplicate({ dropped: fail }), inputs: [at(1, 1), at(1, 1)] }) },
})

const through = (observations: readonly Observation[], options?: DeduplicateOptions) =>
  collect(from(observations).pipe(deduplicate(options))).values
const numbered = (sequence: number, t: number, ...y: number[]): Observation => ({ ...at(t, ...y), sequence })

describe('deduplicate', () => {
  it('F06, M4: a stream with each observation repeated at random is the stream without', () => {
    const value = fc.constantFrom(0, 1, -1.5, MISSING)
    const observation = fc.tuple(fc.integer({ min: 0, max: 50 }), value, value)
    const stream = fc.uniqueArray(observation, { maxLength: 100, comparator: 'SameValueZero', selector: String })
    fc.assert(
      fc.property(
        stream,
        fc.array(fc.nat(3), { minLength: 100, maxLength: 100 }),
        fc.boolean(),
        (drawn, delays, byNumber) => {
          const once = drawn.map(([t, a, b], i) => (byNumber ? numbered(i, t, a, b) : at(t, a, b)))
          // Each comes again up to three places later, or not at all.
          const repeated = once.flatMap((o, i) => [o, ...once.slice(Math.max(0, i - delays[i]!), i)])
          const dropped: Observation[] = []
          expect(through(repeated, { dropped: o => dropped.push(o) })).toEqual(once)
          expect(dropped).toHaveLength(repeated.length - once.length)
        },
      ),
      { numRuns: 1000 * SCALE },
    )
  })

  it('tells observations by time and values where they have no number and no id', () => {
    const stream = [at(1, 2, MISSING), at(1, MISSING, 2), at(1, 2), at(2, 2, MISSING), at(1, 2, MISSING), at(1, 2)]
    expect(through(stream)).toEqual(stream.slice(0, 4))
  })

  it('tells them by id, whatever they say, but a revision from what it changes', () => {
    const first = { ...at(1, 5), id: 'a' }
    const correction = { ...at(1, 6), id: 'a', revision: 'correct' } as const
    const retraction = { ...at(1), id: 'a', revision: 'retract' } as const
    const stream = [
      first,
      { ...at(2, 7), id: 'a' },
      correction,
      correction,
      { ...correction, y: at(1, 8).y },
      retraction,
      retraction,
    ]
    expect(through(stream)).toEqual([first, correction, { ...correction, y: at(1, 8).y }, retraction])
  })

  it('takes a number that it no longer remembers as known, and out of order as new', () => {
    const stream = [10, 12, 11, 20, 9, 10, 8].map(n => numbered(n, n, n))
    expect(through(stream, { memory: 4 }).map(({ sequence }) => sequence)).toEqual([10, 12, 11, 20])
    expect(through(stream, { memory: 100 }).map(({ sequence }) => sequence)).toEqual([10, 12, 11, 20, 9, 8])
  })

  it('a source that counts anew while time goes on is heard', () => {
    const before = Array.from({ length: 20 }, (_, i) => numbered(i, i, 0))
    const after = Array.from({ length: 20 }, (_, i) => numbered(i, 100 + i, 0))
    for (const memory of [4, 256]) expect(through([...before, ...after], { memory })).toEqual([...before, ...after])
  })

  it('remembers as many as it may: memory does not grow', () => {
    const duplicates = new Duplicates(8)
    const bytes = () => Object.values(duplicates.state).reduce((sum, array) => sum + array.byteLength, 0)
    const start = bytes()
    for (let i = 0; i < 1000; i++) expect(duplicates.seen(at(i, 0))).toBe(false)
    expect(bytes()).toBe(start)
    expect([991, 992, 999].map(t => duplicates.seen(at(t, 0)))).toEqual([false, false, true])
  })

  it('has a memory for each subscription, unless one is given', () => {
    const shared = new Duplicates(8)
    for (const [options, expected] of [
      [{}, 1],
      [{ duplicates: shared }, 0],
    ] as const) {
      const operator = deduplicate(options)
      const source = new Subject<Observation>()
      collect(source.pipe(operator))
      source.next(at(1, 1))
      expect(collect(from([at(1, 1)]).pipe(operator)).values).toHaveLength(expected)
    }
  })
})
