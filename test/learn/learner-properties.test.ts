import fc from 'fast-check'
import { from, map } from 'rxjs'
import { expect, it } from 'vitest'
import { decodeCheckpoint } from '../../src/learn/checkpoint/decode-checkpoint.js'
import { encodeCheckpoint } from '../../src/learn/checkpoint/encode-checkpoint.js'
import { learnerIdentity } from '../../src/learn/checkpoint/learner-identity.js'
import { Learner } from '../../src/learn/learner.js'
import type { LearnerOptions } from '../../src/learn/learner-options.js'
import type { Observation } from '../../src/observation.js'
import { methods } from '../../src/ode/methods/index.js'
import { adjointWindow } from '../../src/operators/adjoint-window.js'
import { deduplicate } from '../../src/operators/deduplicate.js'
import { learn } from '../../src/operators/learn.js'
import { perKey } from '../../src/operators/per-key.js'
import { quarantine } from '../../src/operators/quarantine.js'
import { reorder } from '../../src/operators/reorder.js'
import { Section } from '../../src/section.js'
import { bits } from '../support/arrays.js'
import { randomLinear } from '../support/fields.js'
import { collect } from '../support/operator-contract.js'
import { randomStream, tameStream } from '../support/random-streams.js'
import { SCALE } from '../support/seed.js'
import { run } from '../support/streams.js'

/** Laws of the learner over streams as bad as FAULTS.md §3.7 draws them: gaps of all sizes, all values, all masks. */

const small: LearnerOptions = { window: 4, warmup: 5, model: { augment: 1, dynamics: { hidden: [3] } } }
const options = fc.constantFrom<LearnerOptions>(
  small,
  { ...small, optimizer: { kind: 'adam' }, stride: 2 },
  { ...small, model: { ...small.model, update: 'gru' }, optimizer: { kind: 'sgd' } },
  { ...small, model: { augment: 0, update: 'replace', dynamics: { hidden: [3], time: true } } },
  { ...small, model: { augment: 1, update: 'none', dynamics: { hidden: [3] } } },
)
const stream = randomStream({ most: 40 })
const text = (learner: Learner, observations: readonly Observation[]) => JSON.stringify(run(learner, observations))
/** Of what takes tens of milliseconds each; the soak tries them 25 times as often. */
const RUNS = { numRuns: 40 * SCALE }

it('M15: a learner restored from the bytes of a checkpoint at any observation goes on bit for bit', () => {
  fc.assert(
    fc.property(options, stream, fc.nat(), (settings, observations, where) => {
      const at = where % (observations.length + 1)
      const learner = new Learner(settings)
      run(learner, observations.slice(0, at))
      const identity = learnerIdentity(settings)
      const { state } = decodeCheckpoint(encodeCheckpoint({ identity, summary: {}, state: learner.save() }), 'a test')
      const copy = new Learner(settings)
      copy.restore(new Section(state))
      const rest = observations.slice(at)
      expect(text(copy, rest)).toBe(text(learner, rest))
    }),
  )
})

it('M16: streams of many keys, mixed at random, are each what they are alone', () => {
  const mixed = fc.tuple(fc.array(stream, { minLength: 2, maxLength: 4 }), fc.infiniteStream(fc.nat(3)))
  fc.assert(
    fc.property(options, mixed, (settings, [streams, turns]) => {
      const waiting = streams.map((observations, k) => observations.map(o => ({ ...o, key: `key ${k}` })))
      const arrivals: Observation[] = []
      for (const turn of turns) {
        const next = waiting[turn % streams.length]!.shift() ?? waiting.find(({ length }) => length > 0)?.shift()
        if (next === undefined) break
        arrivals.push(next)
      }
      const together = collect(from(arrivals).pipe(perKey(() => learn(new Learner(settings))))).values
      streams.forEach((observations, k) => {
        const own = together.filter(({ key }) => key === `key ${k}`).map(estimate => ({ ...estimate, key: 'k' }))
        expect(JSON.stringify(own)).toBe(text(new Learner(settings), observations))
      })
    }),
    { numRuns: 20 * SCALE },
  )
})

it('M18: where all channels are replaced, another past gives the same bits as soon as the window has left it behind', () => {
  const settings: LearnerOptions = {
    ...small,
    // So long that units are not looked at again before the end: they may depend on what the window has left behind.
    warmup: 25,
    model: { augment: 0, update: 'replace', dynamics: { hidden: [3] } },
    optimizer: { kind: 'sgd', rate: 0 },
    solver: { method: 'rk4', step: 0.25 },
  }
  const part = tameStream(1, 12)
  const later = (observations: readonly Observation[], shift: number) =>
    observations.map(o => ({ ...o, t: o.t + shift }))
  fc.assert(
    fc.property(tameStream(25, 25), part, part, tameStream(6, 12), (warmup, past, other, tail) => {
      const after = (between: readonly Observation[]) => {
        const learner = new Learner(settings)
        run(learner, [...warmup, ...later(between, 100), ...later(tail, 1000)])
        const filter = new Section(learner.save()).at('trained').at('filter')
        return [bits(filter.at('arrays').at('predicted').doubles()), JSON.stringify(filter.at('window').value)]
      }
      // Values that are not believed at once would be measured as missing, and the state of before go on.
      fc.pre([past, other, tail, warmup].flat().every(({ y }) => y.every(x => Math.abs(x) < 3)))
      expect(after(other)).toEqual(after(past))
    }),
    RUNS,
  )
})

it('M19: a learner that is asked at random learns what one learns that is not', () => {
  const ahead = fc.array(
    fc.integer({ min: -40, max: 40 }).map(n => 10 ** (n / 10)),
    { maxLength: 3 },
  )
  fc.assert(
    fc.property(options, stream, fc.infiniteStream(ahead), (settings, observations, questions) => {
      const [asked, other] = [new Learner(settings), new Learner(settings)]
      for (const observation of observations) {
        const times = questions.next().value as number[]
        asked.predict(
          times.toSorted((a, b) => a - b).map(dt => observation.t + dt),
          { intervals: times.length > 1 },
        )
        expect(JSON.stringify(asked.observe(observation))).toBe(JSON.stringify(other.observe(observation)))
      }
    }),
    RUNS,
  )
})

it('M20: no operator, nor the learner, changes what it is given', () => {
  const chains = fc.constantFrom(
    () => learn(new Learner(small), { refused: () => {} }),
    () => reorder({ allowedLateness: 3 }),
    () => deduplicate(),
    () => quarantine({ maxAhead: 10 }),
    () => adjointWindow({ field: randomLinear(1, 2), length: 3, solver: { method: methods.rk4, step: 1e5 } }),
  )
  fc.assert(
    fc.property(chains, stream, (create, observations) => {
      const given = observations.map(({ key, t, y }) => Object.freeze({ key, t, y: y.slice() }))
      collect(
        from(given).pipe(
          create() as ReturnType<typeof learn>,
          map(value => value),
        ),
      )
      expect(given.map(({ key, t, y }) => [key, t, bits(y)])).toEqual(
        observations.map(({ key, t, y }) => [key, t, bits(y)]),
      )
    }),
  )
})
