import { describe, expect, it } from 'vitest'
import type { Estimate } from '../../../src/estimate.js'
import { AT_ONCE, BESIDES } from '../../../src/learn/allowance.js'
import { decodeCheckpoint } from '../../../src/learn/checkpoint/decode-checkpoint.js'
import { encodeCheckpoint } from '../../../src/learn/checkpoint/encode-checkpoint.js'
import { Learner } from '../../../src/learn/learner.js'
import type { LearnerOptions } from '../../../src/learn/learner-options.js'
import type { Observation } from '../../../src/observation.js'
import { Random } from '../../../src/random.js'
import { Section } from '../../../src/section.js'
import { countedSweeps } from '../../support/counted-sweeps.js'
import { restored } from '../../support/restored.js'
import { run } from '../../support/streams.js'

/** Every observation takes thousands of evaluations. */
const STIFF: LearnerOptions = { warmup: 24, window: 8, solver: { method: 'bosh3', rtol: 1e-9, atol: 1e-10 } }

/** Calm in its first 30 observations, twenty times as large in its second channel afterwards. */
const stream = Array.from({ length: 64 }, (_, i): Observation => {
  const wild = i < 30 ? 1 : 20
  return { key: 'k', t: i, y: Float64Array.of(Math.sin(i / 3), wild * Math.cos(i / 2)), id: `o${i}` }
})

/** Where another model begins: the end of the warm-up, and the first look at the units. */
const BEGINNINGS = [23, 47]

/** Evaluations that a model of at most 200 parameters may take for so much work. */
const evaluationsFor = (work: number) => work / 200

/** The same, whatever the clock says. */
function strip(estimates: readonly (Estimate | undefined)[]): string[] {
  return estimates.map(estimate => JSON.stringify({ ...estimate, t: 0 }))
}

describe('a learner that needs many evaluations', () => {
  it('F51: never learns more within one observation than a bound on evaluations allows; persistence, then the old model predict until the new one has caught up', () => {
    const counted = countedSweeps()
    const learner = new Learner(STIFF)
    const scales: number[] = []
    let [most, besides] = [0, 0]
    const estimates = stream.map((observation, i) => {
      const before = counted.evaluations
      const estimate = learner.observe(observation)
      const took = counted.evaluations - before
      const own = estimate.evaluations.forward + estimate.evaluations.backward
      expect(own).toBeLessThan(MOST)
      // Of the backlog: the piece, of which the last observation may go beyond; two where one alone does.
      const allowed = evaluationsFor(BEGINNINGS.includes(i) ? AT_ONCE : BESIDES)
      expect(took - own).toBeLessThan(Math.max(allowed, MOST) + MOST)
      most = Math.max(most, took)
      besides += took - own
      scales.push(learner.units?.scale[1] ?? 0)
      return estimate
    })
    // To learn the beginnings of the two models at once would have been far more than the most that was.
    expect(besides / 2).toBeGreaterThan(2 * most)
    const first = scales.findIndex(scale => scale > 0)
    const next = scales.findIndex(scale => scale > 5)
    expect(first).toBeGreaterThan(BEGINNINGS[0]!)
    expect(first).toBeLessThan(BEGINNINGS[1]!)
    expect(next).toBeGreaterThan(BEGINNINGS[1]! + 5)
    estimates.slice(1, first + 1).forEach(({ predicted }, i) => {
      expect(predicted).toEqual(Array.from(stream[i]!.y))
    })
    // Updates are counted on.
    estimates.slice(first + 1).forEach(({ update, interval }, i) => {
      expect(update.count).toBeGreaterThanOrEqual(i)
      expect(interval).not.toContain(null)
    })
  })

  it('F51, F53: goes on exactly from what was stored while a model catches up', () => {
    const straight = new Learner(STIFF)
    const files: [number, Uint8Array][] = []
    const estimates = stream.map((observation, i) => {
      const estimate = straight.observe(observation)
      const state = straight.save()
      if ([24, 47, 54].includes(i)) files.push([i + 1, encodeCheckpoint({ identity: null, summary: null, state })])
      return estimate
    })
    for (const [at, file] of files) {
      const { state } = decodeCheckpoint(file, `after ${at}`)
      expect(Object.keys(state as object)).toContain('next')
      const resumed = new Learner(STIFF)
      resumed.restore(new Section(state))
      expect(strip(run(resumed, stream.slice(at)))).toEqual(strip(estimates.slice(at)))
      expect(resumed.save()).not.toHaveProperty('next')
    }
  })

  it('F51: takes corrections, retractions, late ones and a clock that is set back while a model catches up', () => {
    const learner = new Learner(STIFF)
    const jumps = (o: Observation): Observation => ({ ...o, t: o.t - 3600 })
    const act = (each: Learner, back: (o: Observation) => Observation) => [
      ...run(each, stream.slice(0, 24)),
      each.revise({ ...stream[2]!, revision: 'retract' }),
      each.revise({ ...stream[23]!, y: Float64Array.of(0, 1), revision: 'correct' }),
      each.observe({ ...back(stream[24]!), arrival: 'reset' }),
      ...run(each, stream.slice(25, 50).map(back)),
      each.revise({ ...back(stream[48]!), revision: 'retract' }),
      each.revise({ ...back(stream[49]!), y: Float64Array.of(0, -50), revision: 'correct' }),
      each.revise({ ...back({ ...stream[48]!, t: 48.5 }), id: 'late', arrival: 'late' }),
      ...run(each, stream.slice(50).map(back)),
    ]
    const estimates = act(learner, jumps)
    expect(estimates.flatMap(estimate => estimate?.revision ?? [])).toEqual([
      'retracted',
      'corrected',
      'retracted',
      'corrected',
      'late',
    ])
    expect(learner.units!.scale[1]).toBeGreaterThan(5)
    const regular = new Learner(STIFF)
    const keep = ({ arrival: _, ...o }: Observation) => o
    expect(strip(estimates)).toEqual(strip(act(regular, keep)))
  })

  it('F51: learns anew after a retraction only as much as the bound allows, and says so', () => {
    const learner = new Learner({ ...STIFF, window: 16 })
    run(learner, stream.slice(0, 38))
    const estimate = learner.revise({ ...stream[24]!, revision: 'retract' })!
    expect(estimate.revision).toBe('retracted')
    const { forward, backward } = estimate.evaluations
    expect(forward + backward).toBeLessThan(evaluationsFor(AT_ONCE) + 2 * MOST)
    expect(estimate.update.rejected).toMatch(
      /^Taken back, but only \d of the 13 observations behind it were learned anew/,
    )
    // It goes on.
    expect(learner.observe(stream[38]!).update.rejected).toBeUndefined()
  })
})

/** Evaluations that no single observation of this stream reaches. */
const MOST = 30_000

it('M15, F53: a value beyond all units, and a checkpoint behind it: what comes late then is learned as without', () => {
  const random = new Random(5)
  const options: LearnerOptions = { warmup: 200 }
  const value = (i: number) => (i < 860 ? Math.sin(i / 5) + 0.1 * random.normal() : 75)
  const shown = Array.from({ length: 862 }, (_, i): Observation => ({ key: 'k', t: i, y: Float64Array.of(value(i)) }))
  const learner = new Learner(options)
  run(learner, shown)
  const copy = restored(learner, () => new Learner(options))
  const late: Observation = { key: 'k', t: 860.5, y: Float64Array.of(75) }
  expect(copy.revise(late)).toEqual(learner.revise(late))
  expect(copy.save()).toEqual(learner.save())
})
