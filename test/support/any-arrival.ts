import fc from 'fast-check'
import { from } from 'rxjs'
import { Learner } from '../../src/learn/learner.js'
import type { Observation } from '../../src/observation.js'
import { learn } from '../../src/operators/learn.js'
import { reorder } from '../../src/operators/reorder.js'
import { at } from './observations.js'
import { collect } from './operator-contract.js'

const near = fc.integer({ min: 0, max: 40 })
const far = fc.double({ min: -1e9, max: 1e9, noNaN: true })
const farther = fc.double({ min: -1e21, max: 1e21, noNaN: true })
/** Behind one that is far ahead all others are late, so that most streams have none. */
const times = fc.oneof(
  ...[near, near, far, fc.oneof(near, far, farther)].map(time => fc.array(time, { minLength: 30, maxLength: 30 })),
)
const arrival = fc.record({
  name: fc.nat(29),
  revision: fc.constantFrom(undefined, undefined, undefined, 'correct' as const, 'retract' as const),
})
const SMALLEST = { warmup: 3, window: 4, model: { augment: 0, dynamics: { hidden: [2] } } } as const

/**
 * Up to sixty observations in any order, with corrections, retractions and clock resets, learned one after the other. The solver throws
 * TIME_NOT_MONOTONE at a negative gap, and the learner refuses a time before the last: neither may happen.
 * @returns Estimates of all runs together. @throws Error of fast-check, with seed and path, when it does.
 */
export function learnInAnyOrder(numRuns: number, seed?: number): number {
  let taken = 0
  fc.assert(
    fc.property(
      times,
      fc.array(arrival, { maxLength: 60, size: 'medium' }),
      fc.constantFrom(0, 5),
      (at0, arrivals, allowedLateness) => {
        const refused: unknown[] = []
        const observations = arrivals.map(({ name, revision }, i): Observation => {
          // A correction may move an observation back, or past all others.
          const t = at0[name]! + (revision === 'correct' ? (i % 3) - 1 : 0) * (i % 2 ? 1 : 1e6)
          const y = revision === 'retract' ? [] : [Math.sin(i)]
          return { ...at(t, ...y), id: `${name}`, ...(revision && { revision }) }
        })
        const order = reorder({ allowedLateness, passLate: true, clockReset: 3 })
        const learning = learn(new Learner(SMALLEST), { refused: error => refused.push(error) })
        const { error, values } = collect(from(observations).pipe(order, learning))
        if (error !== undefined || refused.length > 0) throw error ?? refused[0]
        taken += values.length
      },
    ),
    { numRuns, ...(seed !== undefined && { seed }) },
  )
  return taken
}
