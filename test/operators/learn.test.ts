import { from, of, Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { ContraflowError } from '../../src/errors.js'
import { Learner } from '../../src/learn/learner.js'
import type { Observation } from '../../src/observation.js'
import { learn } from '../../src/operators/learn.js'
import { reorder } from '../../src/operators/reorder.js'
import { learnInAnyOrder } from '../support/any-arrival.js'
import { marbles } from '../support/marbles.js'
import { at, oscillation } from '../support/observations.js'
import { collect, describeOperatorContract } from '../support/operator-contract.js'
import { SCALE } from '../support/seed.js'

const newLearner = () => new Learner({ warmup: 2, window: 4 })

describeOperatorContract('learn', {
  create: () => learn(newLearner()),
  inputs: oscillation(8),
  shares: 'the learner, which lives outside the stream',
  callbacks: {
    refused: fail => ({ operator: learn(newLearner(), { refused: fail }), inputs: [at(2, 1), at(1, 1)] }),
  },
})

describe('learn', () => {
  it('F10, F14: no order of arrival, with corrections, retractions and clock resets, sends the solver back in time', () => {
    expect(learnInAnyOrder(200 * SCALE)).toBeGreaterThan(500)
  })

  it('F08: learns what follows a correction that went past it, and puts nothing of it aside', () => {
    const learner = new Learner({ warmup: 3, window: 8, model: { augment: 0, dynamics: { hidden: [2] } } })
    const named: Observation[] = oscillation(20).map((observation, i) => ({ ...observation, id: `${i}` }))
    const moved: Observation = { ...named[9]!, t: 14.5, revision: 'correct' }
    const [refused, late]: [unknown[], Observation[]] = [[], []]
    const operator = learn(learner, { refused: error => refused.push(error), late: o => late.push(o) })
    const arrivals = named.toSpliced(12, 0, moved)
    const { values, error } = collect(from(arrivals).pipe(reorder({ passLate: true }), operator))
    expect([error, refused, late]).toEqual([undefined, [], []])
    expect(values.map(({ t, revision }) => [t, revision])).toEqual(
      arrivals.map(({ t }, i) => [t, i === 12 ? 'corrected' : t < 14.5 && i > 12 ? 'late' : undefined]),
    )
  })

  it('gives one estimate an observation, at the moment it comes', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const [a, b, c] = [at(0, 1), at(1, 2), at(2, 4)]
      const alone = newLearner()
      const [A, B, C] = [a, b, c].map(observation => alone.observe(observation))
      const source = hot('  --a-----b--c---|', { a, b, c })
      const expected = '    --A-----B--C---|'
      const subscription = '^--------------!'
      expectObservable(source.pipe(learn(newLearner()))).toBe(expected, { A, B, C })
      expectSubscriptions(source.subscriptions).toBe(subscription)
    })
  })

  it('gives the estimates of the learner itself, to the bit', () => {
    const observations = oscillation(30)
    const learner = newLearner()
    const expected = observations.map(observation => learner.observe(observation))
    expect(collect(from(observations).pipe(learn(newLearner()))).values).toEqual(expected)
  })

  it('goes on with the same learner in a new subscription', () => {
    const observations = oscillation(12)
    const learner = newLearner()
    const first = collect(from(observations.slice(0, 6)).pipe(learn(learner)))
    const second = collect(from(observations.slice(6)).pipe(learn(learner)))
    const whole = collect(from(observations).pipe(learn(newLearner())))
    expect([...first.values, ...second.values]).toEqual(whole.values)
  })

  const refusals = [
    { what: 'a time that goes back', observation: at(0, 0, 0), code: 'TIME_NOT_MONOTONE' },
    { what: 'another number of channels', observation: at(9, 1), code: 'DIMENSION_MISMATCH' },
  ]
  for (const { what, observation, code } of refusals) {
    it(`hands over ${what} as ${code} and goes on as if it had not come`, () => {
      const good = oscillation(8)
      const refused: [ContraflowError, Observation][] = []
      const operator = learn(newLearner(), { refused: (error, value) => refused.push([error, value]) })
      const seen = collect(from([...good.slice(0, 5), observation, ...good.slice(5)]).pipe(operator))
      expect(seen.error).toBeUndefined()
      expect(seen.values).toEqual(collect(from(good).pipe(learn(newLearner()))).values)
      expect(refused).toHaveLength(1)
      expect(refused[0]![0]).toBeInstanceOf(ContraflowError)
      expect(refused[0]![0].code).toBe(code)
      expect(refused[0]![1]).toBe(observation)
    })

    it(`ends in ${code} on ${what} when nobody takes it`, () => {
      const source = new Subject<Observation>()
      const seen = collect(source.pipe(learn(newLearner())))
      for (const good of oscillation(3)) source.next(good)
      source.next(observation.y.length === 2 ? at(1, 0, 0) : observation)
      expect(seen.values).toHaveLength(3)
      expect(seen.error).toMatchObject({ code })
      expect(source.observed).toBe(false)
    })
  }

  it('ends in the error that a callback throws', () => {
    const failure = new Error('of the callback')
    const operator = learn(newLearner(), {
      refused: () => {
        throw failure
      },
    })
    const seen = collect(of(at(1, 0), at(0, 0), at(2, 0)).pipe(operator))
    expect(seen.values).toHaveLength(1)
    expect(seen.error).toBe(failure)
  })

  it('does not hide errors that are none of the observation', () => {
    const learner = newLearner()
    const failure = new TypeError('a bug')
    learner.observe = () => {
      throw failure
    }
    const refused: unknown[] = []
    const seen = collect(of(at(0, 1)).pipe(learn(learner, { refused: error => refused.push(error) })))
    expect(seen.error).toBe(failure)
    expect(refused).toEqual([])
  })
})
