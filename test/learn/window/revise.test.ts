import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Estimate } from '../../../src/estimate.js'
import { Learner } from '../../../src/learn/learner.js'
import type { LearnerOptions } from '../../../src/learn/learner-options.js'
import { norm } from '../../../src/learn/rules/clip.js'
import type { Observation } from '../../../src/observation.js'
import { Random } from '../../../src/random.js'
import { Section } from '../../../src/section.js'
import { at, MISSING } from '../../support/observations.js'
import { restored } from '../../support/restored.js'
import { SCALE } from '../../support/seed.js'
import { lateErrors, run, simulated } from '../../support/streams.js'

const small: LearnerOptions = { window: 8, warmup: 10, model: { dynamics: { hidden: [4] } } }
/** Nothing is learned and steps are fixed, so that the state alone decides what is predicted. */
const still: LearnerOptions = { ...small, stride: 1e9, solver: { method: 'rk4', step: 0.5 } }

const stream = simulated({ system: 'van-der-pol', count: 60, missing: 0.2 }).map((observation, i) => ({
  ...observation,
  id: `${i}`,
}))
const late = (observation: Observation): Observation => ({ ...observation, arrival: 'late' })
const retraction = ({ key, t, id }: Observation): Observation => ({
  key,
  t,
  y: new Float64Array(0),
  revision: 'retract',
  ...(id !== undefined && { id }),
})
const correction = (observation: Observation): Observation => ({ ...observation, revision: 'correct' })

/** Shows what comes to a learner, each the way it wants to be shown. */
function take(learner: Learner, arrivals: readonly Observation[]): (Estimate | undefined)[] {
  return arrivals.map(o => (o.revision || o.arrival === 'late' ? learner.revise(o) : learner.observe(o)))
}
/** What is predicted, the rest left out: the adapted blend and width see each arrival in its own order. */
const future = (learner: Learner) => new Section(learner.save()).at('trained').at('filter').at('window').value
const parametersOf = (learner: Learner) =>
  new Section(learner.save()).at('trained').at('filter').at('arrays').at('parameters').doubles()

describe('an observation that comes late', () => {
  it('M14: leaves the window as it would be had it come in time, for every arrival order that the window covers', () => {
    // When many neighbours are late, one behind them comes after a long gap, at which a window would begin anew.
    const delays = fc.array(fc.nat(7), { minLength: 60, maxLength: 60 })
    fc.assert(
      fc.property(delays, shifts => {
        const arrivals = stream
          .map((observation, i) => ({ observation, when: i < 11 ? i : i + shifts[i]! + 0.5 * (shifts[i]! % 2) }))
          .sort((a, b) => a.when - b.when)
          .map(({ observation }) => observation)
        let newest = Number.NEGATIVE_INFINITY
        const marked = arrivals.map(o => {
          const isLate = o.t < newest
          newest = Math.max(newest, o.t)
          return isLate ? late(o) : o
        })
        const options = { ...still, maxGap: 1e9 }
        const [inTime, delayed] = [new Learner(options), new Learner(options)]
        take(inTime, stream)
        const estimates = take(delayed, marked)
        expect(estimates.every(estimate => estimate !== undefined)).toBe(true)
        expect(estimates.map(e => e!.revision)).toEqual(marked.map(o => o.arrival))
        expect(future(delayed)).toEqual(future(inTime))
      }),
      { numRuns: 60 * SCALE },
    )
  })

  it('is predicted from what came before it, as it would have been in time', () => {
    const [inTime, delayed] = [new Learner(still), new Learner(still)]
    const expected = run(inTime, stream)[40]!
    const estimates = take(delayed, [...stream.slice(0, 40), ...stream.slice(41, 45), late(stream[40]!)])
    const estimate = estimates.at(-1)!
    expect(estimate).toMatchObject({ t: expected.t, observed: expected.observed, revision: 'late' })
    estimate.predicted.forEach((value, j) => {
      const [low, high] = expected.interval[j]!
      expect(Math.abs(value! - expected.predicted[j]!)).toBeLessThan(0.2 * (high - low))
    })
  })

  it.each(['kalman', 'adam'] as const)('F08: is learned by %s: a fifth of them late costs little', kind => {
    const options: LearnerOptions = { optimizer: { kind } }
    const long = simulated({ system: 'van-der-pol', count: 500, noise: 0.05 })
    const random = new Random(8)
    const arrivals: Observation[] = []
    const waiting: Observation[] = []
    long.forEach((o, i) => {
      if (i > 50 && i < 450 && random.uniform() < 0.2) waiting.push(late(o))
      else arrivals.push(o)
      if (random.uniform() < 0.3) arrivals.push(...waiting.splice(0))
    })
    expect(arrivals).toHaveLength(500)
    const inTime = lateErrors(run(new Learner(options), long), 50)
    const estimates = take(new Learner(options), arrivals)
    const delayed = lateErrors(estimates as Estimate[], 50)
    const dropped = lateErrors(
      run(
        new Learner(options),
        arrivals.filter(o => o.arrival !== 'late'),
      ),
      50,
    )
    expect(estimates.filter(e => e!.revision === 'late').length).toBeGreaterThan(50)
    expect(estimates.every(e => e!.update.rejected === undefined)).toBe(true)
    expect(delayed.model).toBeLessThan(1.1 * Math.max(inTime.model, dropped.model))
  })

  it('F08: older than the window changes nothing, and says so', () => {
    const learner = new Learner(small)
    run(learner, stream)
    const before = structuredClone(learner.save())
    expect(learner.revise(late({ ...stream[5]!, id: 'other' }))).toBeUndefined()
    expect(learner.revise(retraction(stream[5]!))).toBeUndefined()
    expect(learner.revise(correction(stream[5]!))).toBeUndefined()
    expect(learner.revise({ ...late(at(1, 2)), id: 'x', revision: 'retract' })).toBeUndefined()
    expect(structuredClone(learner.save())).toEqual(before)
  })

  it('in the warm-up is as good as in time, to the last bit', () => {
    const [inTime, delayed] = [new Learner(small), new Learner(small)]
    run(inTime, stream.slice(0, 10))
    const [a, b, c, ...rest] = stream.slice(0, 10)
    const estimates = take(delayed, [b!, late(a!), ...rest.slice(0, 3), late(c!), ...rest.slice(3)])
    expect(estimates[1]).toMatchObject({ t: a!.t, revision: 'late', predicted: [null, null] })
    expect(JSON.stringify(run(delayed, stream.slice(10)))).toBe(JSON.stringify(run(inTime, stream.slice(10))))
  })

  it('may end the warm-up', () => {
    const learner = new Learner(small)
    take(learner, [...stream.slice(0, 8), stream[9]!, late(stream[8]!)])
    expect(learner.ready).toBe(true)
  })

  it('with as many channels as others, at a finite time; else nothing has changed', () => {
    const learner = new Learner(small)
    run(learner, stream)
    const before = structuredClone(learner.save())
    const { t } = stream[55]!
    for (const bad of [at(t, 1), at(t, 1, 2, 3)])
      expect(() => learner.revise(late(bad))).toThrow(expect.objectContaining({ code: 'DIMENSION_MISMATCH' }))
    expect(() => learner.revise(late(at(Number.NaN, 1, 2)))).toThrow(
      expect.objectContaining({ code: 'TIME_NOT_MONOTONE' }),
    )
    expect(structuredClone(learner.save())).toEqual(before)
  })
})

describe('a retraction', () => {
  it.each([52, 54, 59])('leaves the window as if observation %d had never come', index => {
    const [never, taken] = [new Learner(still), new Learner(still)]
    run(
      never,
      stream.filter((_, i) => i !== index),
    )
    const estimate = take(taken, [...stream, retraction(stream[index]!)]).at(-1)!
    expect(estimate).toMatchObject({ t: stream[index]!.t, observed: [null, null], score: null, revision: 'retracted' })
    expect(estimate.predicted.every(value => Number.isFinite(value))).toBe(true)
    // With it in, one more had slid out; that has been made good with the next.
    const next = { ...at(stream.at(-1)!.t + 1, 0.3, MISSING), id: '60' }
    never.observe(next)
    taken.observe(next)
    expect(future(taken)).toEqual(future(never))
  })

  it.each([1, 3, 6])('takes back what the parameters have learned from a wrong value, %d observations later', later => {
    const long = simulated({ system: 'van-der-pol', count: 200, noise: 0.05 }).map((o, i) => ({ ...o, id: `${i}` }))
    let [left, moved] = [0, 0]
    for (let n = 60; n < 190; n += 30) {
      const wrong = { ...long[n]!, y: long[n]!.y.map(value => value + 1) }
      const arrivals = [...long.slice(0, n), wrong, ...long.slice(n + 1, n + 1 + later)]
      const [never, kept, taken] = [new Learner(small), new Learner(small), new Learner(small)]
      take(never, arrivals.toSpliced(n, 1))
      take(kept, arrivals)
      take(taken, [...arrivals, retraction(wrong)])
      const distance = (learner: Learner) => {
        const theta = parametersOf(learner)
        return norm(parametersOf(never).map((value, i) => value - theta[i]!))
      }
      left += distance(taken)
      moved += distance(kept)
    }
    expect(moved).toBeGreaterThan(0.1)
    expect(left / moved).toBeLessThan(0.35) // measured: 0.08 after one, 0.25 after six
  })

  it('of what was only just learned gives the parameters back almost as they were', () => {
    const learner = new Learner(small)
    run(learner, stream.slice(0, 54))
    const before = parametersOf(learner)
    learner.observe({ ...stream[54]!, y: Float64Array.of(3, -3) })
    const moved = norm(parametersOf(learner).map((value, i) => value - before[i]!))
    learner.revise(retraction(stream[54]!))
    const left = norm(parametersOf(learner).map((value, i) => value - before[i]!))
    expect(left / moved).toBeLessThan(0.05)
  })

  it('in the warm-up makes it as if it had never come', () => {
    const [never, taken] = [new Learner(small), new Learner(small)]
    run(never, [...stream.slice(0, 3), ...stream.slice(4, 8)])
    take(taken, [...stream.slice(0, 8), retraction(stream[3]!)])
    const rest = stream.slice(8)
    expect(JSON.stringify(run(taken, rest))).toBe(JSON.stringify(run(never, rest)))
  })
})

describe('a correction', () => {
  it('leaves the window as if the right value had come at once', () => {
    const wrong = { ...stream[55]!, y: Float64Array.of(9, -9), t: stream[55]!.t + 0.01 }
    const [right, corrected] = [new Learner(still), new Learner(still)]
    run(right, stream)
    const arrivals = [...stream.slice(0, 55), wrong, ...stream.slice(56), correction(stream[55]!)]
    const estimate = take(corrected, arrivals).at(-1)!
    expect(estimate).toMatchObject({ t: stream[55]!.t, revision: 'corrected' })
    expect(future(corrected)).toEqual(future(right))
  })

  it('of the newest observation is what is known of its channels from then on', () => {
    const learner = new Learner(small)
    take(learner, stream.slice(0, 5))
    take(learner, [correction({ ...stream[4]!, y: Float64Array.of(7, MISSING) })])
    expect(learner.predict([stream[4]!.t])[0]!.predicted[0]).toBe(7)
  })

  it('may move an observation to a later time; time goes on from there', () => {
    const learner = new Learner(small)
    run(learner, stream)
    const moved = correction({ ...stream[58]!, t: stream[59]!.t + 5 })
    expect(take(learner, [moved])[0]).toMatchObject({ t: moved.t, revision: 'corrected' })
    expect(() => learner.observe(at(moved.t - 1, 0, 0))).toThrow()
    expect(learner.observe(at(moved.t + 1, 0, 0)).update.rejected).toBeUndefined()
  })
})

it('F10: after its clock was set back a source goes on as if it had gone on', () => {
  // Whole seconds, so that every difference is exact.
  const options: LearnerOptions = { ...small, window: 4 }
  const regular = Array.from({ length: 80 }, (_, i) => at(i, Math.sin(i / 3), Math.cos(i / 3)))
  const back = regular.map((o, i): Observation => (i < 50 ? o : { ...o, t: o.t - 3600 }))
  back[50] = { ...back[50]!, arrival: 'reset' }
  const strip = (estimates: readonly Estimate[]) => estimates.map(estimate => JSON.stringify({ ...estimate, t: 0 }))
  expect(strip(run(new Learner(options), back))).toEqual(strip(run(new Learner(options), regular)))
  const inWarmup = regular.map((o, i): Observation => (i < 5 ? o : { ...o, t: o.t - 3600 }))
  inWarmup[5] = { ...inWarmup[5]!, arrival: 'reset' }
  expect(strip(run(new Learner(options), inWarmup))).toEqual(strip(run(new Learner(options), regular)))
})

it.each(['kalman', 'adam'] as const)('M15: %s goes on bit for bit in a stream that is late and revised', kind => {
  const options: LearnerOptions = { ...small, optimizer: { kind } }
  const random = new Random(15)
  const arrivals = stream.flatMap((o, i): Observation[] => {
    const draw = random.uniform()
    if (i > 2 && draw < 0.1) return [o, late({ ...stream[i - 2]!, t: stream[i - 2]!.t + 1e-3, id: `l${i}` })]
    if (i > 2 && draw < 0.2) return [o, retraction(stream[i - 1]!)]
    return i > 2 && draw < 0.3 ? [o, correction({ ...stream[i - 3]!, y: o.y })] : [o]
  })
  const whole = JSON.stringify(take(new Learner(options), arrivals))
  for (let stop = 0; stop < arrivals.length; stop += 5) {
    const first = new Learner(options)
    const before = take(first, arrivals.slice(0, stop))
    const second = restored(first, () => new Learner(options))
    expect(JSON.stringify([...before, ...take(second, arrivals.slice(stop))])).toBe(whole)
  }
})
