import { describe, expect, it } from 'vitest'
import type { Estimate } from '../../../src/estimate.js'
import { Learner } from '../../../src/learn/learner.js'
import type { Observation } from '../../../src/observation.js'
import { Random } from '../../../src/random.js'
import { Section } from '../../../src/section.js'
import { run, simulated } from '../../support/streams.js'

const WARMUP = 40
const FIRST = 12
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8]

/** Root of the ratio of squares over what the first model predicts, to those of persistence. */
function ratio(estimates: readonly Estimate[]): number {
  let [ours, theirs] = [0, 0]
  for (let i = FIRST; i < WARMUP; i++)
    estimates[i]!.observed.forEach((value, j) => {
      ours += (value! - estimates[i]!.predicted[j]!) ** 2
      theirs += (value! - estimates[i - 1]!.observed[j]!) ** 2
    })
  return Math.sqrt(ours / theirs)
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value / values.length, 0)

function walk(seed: number): Observation[] {
  const random = new Random(seed)
  let x = 0
  return Array.from({ length: WARMUP }, (_, t) => ({ key: '', t, y: Float64Array.of((x += random.normal())) }))
}

describe('in the later part of the warm-up', () => {
  it('systems that can be learned are predicted better than by persistence, walks as well', () => {
    const of = (streams: readonly (readonly Observation[])[]) =>
      mean(streams.map(stream => ratio(run(new Learner(), stream))))
    const systems = (['van-der-pol', 'pendulum', 'lorenz'] as const).map(system =>
      of(SEEDS.map(seed => simulated({ system, count: WARMUP, seed }))),
    )
    console.log(
      `observations 13 to 40: ${systems.map(value => value.toFixed(3)).join(' ')}; walk ${of(SEEDS.map(walk))}`,
    )
    expect(Math.max(...systems)).toBeLessThan(0.9)
    expect(of(SEEDS.map(walk))).toBeLessThan(1.05)
  })

  const stream = simulated({ system: 'van-der-pol', count: 70, missing: 0.2 }).map((o, i) => ({ ...o, id: `o${i}` }))
  const predictions = (estimates: readonly Estimate[]) => estimates.map(({ predicted }) => predicted)

  it('there is neither interval nor score, and no update is counted', () => {
    for (const { interval, score, update } of run(new Learner(), stream.slice(0, WARMUP)))
      expect([interval, score, update.count]).toEqual([[null, null], null, 0])
  })

  it('M15: goes on from any place with the same bits', () => {
    const estimates = predictions(run(new Learner(), stream))
    for (let at = 1; at < WARMUP; at += 3) {
      const [first, second] = [new Learner(), new Learner()]
      run(first, stream.slice(0, at))
      second.restore(new Section(first.save()))
      expect(predictions(run(second, stream.slice(at)))).toEqual(estimates.slice(at))
    }
  })

  it('looks ahead as it then predicts', () => {
    const learner = new Learner()
    for (const observation of stream.slice(0, WARMUP)) {
      const [ahead] = learner.predict([observation.t])
      const { predicted } = learner.observe(observation)
      predicted.forEach((value, j) => {
        if (value === null || !ahead?.predicted.length) expect(value).toBeNull()
        else expect(Math.abs(ahead.predicted[j]! - value)).toBeLessThan(1e-4)
      })
    }
  })

  it('what comes late or is corrected counts as if it had been so from the start', () => {
    const [learner, wise] = [new Learner(), new Learner()]
    const wrong = stream.map((o, i) => (i === 5 ? { ...o, y: Float64Array.of(3, 3) } : o))
    run(
      learner,
      wrong.slice(0, 25).filter((_, i) => i !== 9),
    )
    learner.revise({ ...stream[9]!, arrival: 'late' })
    learner.revise({ ...stream[5]!, revision: 'correct' })
    run(wise, stream.slice(0, 25))
    expect(predictions(run(learner, stream.slice(25)))).toEqual(predictions(run(wise, stream.slice(25))))
  })
})
