import { concatMap, from, tap } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Estimate } from '../../../src/estimate.js'
import { linear } from '../../../src/field/linear.js'
import type { VectorField } from '../../../src/field/vector-field.js'
import { Learner } from '../../../src/learn/learner.js'
import type { LearnerOptions } from '../../../src/learn/learner-options.js'
import { sgd } from '../../../src/learn/rules/sgd.js'
import { learn } from '../../../src/operators/learn.js'
import { perKey } from '../../../src/operators/per-key.js'
import { bits } from '../../support/arrays.js'
import { isWritable, run, simulated } from '../../support/streams.js'

const stream = simulated({ system: 'spiral', count: 70 })
/** Where something throws: behind the warm-up, with updates before and after. */
const PLACE = 55

/** What is learned of the stream by a key that nothing happens to. */
const alone = run(
  new Learner(),
  stream.map(observation => ({ ...observation, key: 'other' })),
)

/** A part of one's own that throws when `check` does, in the options of a learner. */
type Broken = (check: () => void) => LearnerOptions

const field =
  (part: 'evaluate' | 'vjp' | 'prepare', optimizer: LearnerOptions['optimizer'] = { kind: 'kalman' }): Broken =>
  check => {
    const create = (): VectorField => {
      const sound = linear(2, Float64Array.of(0.1, 0, 0, 0.1))
      const call = sound[part] as ((...args: unknown[]) => unknown) | undefined
      const broken = (...args: unknown[]) => {
        check()
        return call?.(...args)
      }
      return { ...sound, [part]: broken }
    }
    return { model: { dynamics: { kind: 'custom', name: 'mine', dimension: 2, create } }, optimizer }
  }

/** Throws when it has changed what it was to change. */
const optimizer =
  (loss: 'squared' | 'gaussian'): Broken =>
  check => {
    const create = (length: number) => {
      const { state, update } = sgd(length)
      return {
        state,
        update(parameters: Float64Array, gradient: Float64Array) {
          update(parameters, gradient)
          // With the Gaussian loss it is called a second time, for what that learns.
          if (loss === 'squared' || length < 10) check()
        },
      }
    }
    return { loss, optimizer: { kind: 'custom', name: 'mine', create } }
  }

describe.each<[string, string, Broken]>([
  ['a field when it is evaluated', 'the field mine', field('evaluate')],
  ['a field when it is differentiated', 'the field mine', field('vjp')],
  ['a field when it is differentiated for adam', 'the field mine', field('vjp', { kind: 'adam' })],
  ['a field when it is prepared', 'the field mine', field('prepare')],
  ['an optimizer', 'the optimizer mine', optimizer('squared')],
  ['an optimizer, for what the loss learns', 'the optimizer mine', optimizer('gaussian')],
])('F54: what throws is %s', (_, name, broken) => {
  function armed() {
    const switched = { on: false, thrown: 0 }
    const options = broken(() => {
      if (!switched.on) return
      switched.thrown++
      throw new TypeError('of the user')
    })
    return { switched, learner: new Learner(options) }
  }

  it('one observation is not learned and says why, the model is as it was, and the stream goes on', () => {
    const { switched, learner } = armed()
    const estimates: Estimate[] = []
    const parameters: string[] = []
    let ended = false
    from(stream.entries())
      .pipe(
        tap(([i]) => {
          switched.on = i === PLACE
          if (i === PLACE || i === PLACE + 1) parameters.push(JSON.stringify(bits(learner.model!.parameters)))
        }),
        concatMap(([, observation]) => [observation]),
        perKey(() => learn(learner)),
      )
      .subscribe({ next: estimate => estimates.push(estimate), complete: () => (ended = true) })
    expect(switched.thrown).toBeGreaterThan(0)
    expect(ended).toBe(true)
    expect(estimates).toHaveLength(stream.length)
    expect(estimates.every(isWritable)).toBe(true)
    const rejected = estimates.flatMap(({ update }, i) => (update.rejected === undefined ? [] : [[i, update.rejected]]))
    expect(rejected).toEqual([[PLACE, expect.stringContaining(`OWN_PART_FAILED: ${name}: received of the user`)]])
    expect(parameters[1]).toBe(parameters[0])
    // The first only sets the state; a field that threw while it was evaluated begins a window anew.
    expect(estimates.at(-1)!.update.count).toBeGreaterThanOrEqual(stream.length - 3)
  })

  it('X3: the other keys of its stream learn what they learn alone', () => {
    const { switched, learner } = armed()
    const mixed = stream.flatMap(observation => [observation, { ...observation, key: 'other' }])
    const estimates: Estimate[] = []
    const learners = perKey((key: string) => learn(key === 'other' ? new Learner() : learner))
    from(mixed.entries())
      .pipe(
        tap(([i]) => {
          switched.on = i >= 2 * PLACE
        }),
        concatMap(([, observation]) => [observation]),
        learners,
      )
      .subscribe(estimate => estimates.push(estimate))
    expect(switched.thrown).toBeGreaterThan(0)
    expect(estimates.filter(({ key }) => key === 'other')).toEqual(alone)
  })

  it('for ever: all are predicted by what is known, also ahead, and corrections are taken', () => {
    const { switched, learner } = armed()
    run(
      learner,
      stream.slice(0, PLACE).map((o, i) => ({ ...o, id: String(i) })),
    )
    const before = bits(learner.model!.parameters)
    switched.on = true
    const late = { ...stream[PLACE - 3]!, t: stream[PLACE - 3]!.t + 0.001, id: 'late', arrival: 'late' } as const
    const estimates = [learner.revise(late)]
    // At the fourth failure in a row parameters go back to the last that have proved themselves.
    estimates.push(
      ...run(
        learner,
        stream.slice(PLACE, PLACE + 3).map(o => ({ ...o, id: 'new' })),
      ),
    )
    expect(bits(learner.model!.parameters)).toEqual(before)
    estimates.push(learner.revise({ ...late, id: 'new', revision: 'correct' }))
    estimates.push(...run(learner, stream.slice(PLACE + 4)))
    // Where the window had to begin anew, the one to be corrected is not in it any more.
    expect(estimates.every(estimate => estimate === undefined || isWritable(estimate))).toBe(true)
    expect(learner.predict([learner.time + 1])[0]!.predicted.every(Number.isFinite)).toBe(true)
  })
})
