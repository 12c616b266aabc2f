import { describe, expect, it } from 'vitest'
import { Learner } from '../../../src/learn/learner.js'
import { Doubt } from '../../../src/learn/window/doubt.js'
import type { Observation } from '../../../src/observation.js'
import { Random } from '../../../src/random.js'
import { Section } from '../../../src/section.js'
import { run } from '../../support/streams.js'

/** Follows one channel by persistence: what is believed is predicted next. */
function verdictsOn(doubt: Doubt, values: readonly number[]): string[] {
  let known = 0
  return values.map(value => {
    const verdict = doubt.weigh(0, { value, predicted: known, known, deviation: 1 })
    if (verdict !== 'doubted') known = value
    return verdict
  })
}

describe('a value far from its prediction and from the last one', () => {
  it('was a glitch when the next one is not as far off', () => {
    expect(verdictsOn(new Doubt(1), [0, 1, 100, 0, 1])).toEqual([
      'believed',
      'believed',
      'doubted',
      'believed',
      'believed',
    ])
  })

  it('was a jump when the next one bears it out, and the third is as usual', () => {
    const verdicts = verdictsOn(new Doubt(1), [0, 1, 100, 101, 99])
    expect(verdicts).toEqual(['believed', 'believed', 'doubted', 'earlier-was-right', 'believed'])
  })

  it('is believed at once in a channel that jumps, and taken back there should it have been a glitch', () => {
    const doubt = new Doubt(1)
    verdictsOn(doubt, [0, 100, 100, 0, 0, 100, 100])
    expect(verdictsOn(doubt, [0, 100, 0])).toEqual(['believed', 'believed', 'earlier-was-wrong'])
  })

  it('is in doubt three times in a row at most', () => {
    const verdicts = verdictsOn(new Doubt(1), [0, 100, -300, 900, -2700, 8100])
    expect(verdicts.slice(1, 5)).toEqual(['doubted', 'doubted', 'doubted', 'believed'])
  })
})

/** A slow temperature, once a minute; glitches and one lasting step as asked for. */
function temperatures({ count = 900, glitches = 0, step = 0 }, seed = 3): Observation[] {
  const [random, glitch] = [new Random(seed), new Random(seed + 1)]
  return Array.from({ length: count }, (_, i) => {
    const off = i > 100 && glitch.uniform() < glitches ? 10 + 40 * glitch.uniform() : 0
    const level = i >= 600 ? step : 0
    return { key: 'k', t: 60 * i, y: Float64Array.of(21 + Math.sin(i / 100) + 0.05 * random.normal() + level + off) }
  })
}

const error = (learner: Learner, stream: readonly Observation[], truth: readonly Observation[]) =>
  Math.sqrt(
    run(learner, stream)
      .map((estimate, i) => (estimate.predicted[0]! - truth[i]!.y[0]!) ** 2)
      .slice(200)
      .reduce((sum, square, _, { length }) => sum + square / length, 0),
  )

describe('a learner', () => {
  it('F61: is not led astray by glitches of hundreds of deviations, one value in a hundred', () => {
    const truth = temperatures({})
    const clean = error(new Learner(), truth, truth)
    expect(error(new Learner(), temperatures({ glitches: 0.01 }), truth)).toBeLessThan(1.5 * clean)
  })

  it('F61: alarms once for one glitch: the value after it is as usual', () => {
    const stream = temperatures({})
    stream[500] = { ...stream[500]!, y: Float64Array.of(stream[500]!.y[0]! + 40) }
    const scores = run(new Learner(), stream).map(({ score }) => score)
    expect(scores[500]).toBeGreaterThan(2)
    expect(Math.max(...scores.slice(501, 504).map(Number))).toBeLessThan(2)
  })

  it('follows a step of hundreds of deviations from the third value on, to a tenth of it, and soon closely', () => {
    const stream = temperatures({ step: 40 })
    const errors = run(new Learner(), stream).map(({ predicted }, i) => Math.abs(predicted[0]! - stream[i]!.y[0]!))
    expect(Math.max(...errors.slice(602))).toBeLessThan(4)
    expect(Math.max(...errors.slice(606))).toBeLessThan(0.5)
  })

  it('F05: says of a value that bears an earlier one out that it was not learned, when it should not be', () => {
    const stream = temperatures({ count: 610, step: 40 })
    stream[601] = { ...stream[601]!, learn: false }
    const { update } = run(new Learner(), stream)[601]!
    expect(update.rejected).toMatch(/^Not learned, only taken in/)
  })

  it('M15, F53: goes on from any place among glitches and jumps with the same bits', () => {
    const stream = temperatures({ count: 160, glitches: 0.2 })
    const whole = new Learner({ warmup: 20 })
    const estimates = run(whole, stream)
    expect(estimates.some(({ update }) => (update.clipped ?? 0) > 0)).toBe(true)
    for (let at = 30; at < stream.length; at += 3) {
      const [first, second] = [new Learner({ warmup: 20 }), new Learner({ warmup: 20 })]
      run(first, stream.slice(0, at))
      second.restore(new Section(first.save()))
      expect(JSON.stringify(run(second, stream.slice(at)))).toBe(JSON.stringify(estimates.slice(at)))
    }
  })
})
