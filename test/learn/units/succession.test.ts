import { describe, expect, it } from 'vitest'
import type { Estimate } from '../../../src/estimate.js'
import { AT_ONCE, BESIDES } from '../../../src/learn/allowance.js'
import { Learner } from '../../../src/learn/learner.js'
import type { LearnerOptions } from '../../../src/learn/learner-options.js'
import type { Observation } from '../../../src/observation.js'
import { Section } from '../../../src/section.js'
import { countedSweeps } from '../../support/counted-sweeps.js'
import { run } from '../../support/streams.js'

/** Every observation takes thousands of evaluations. */
const STIFF: LearnerOptions = { warmup: 20, window: 8, solver: { method: 'tsit5', rtol: 1e-12, atol: 1e-14 } }

/** Calm in its first 30 observations, a hundred times as large in its second channel afterwards. */
const stream = Array.from({ length: 90 }, (_, i): Observation => {
  const wild = i < 30 ? 1 : 100
  return { key: 'k', t: i, y: Float64Array.of(Math.sin(i / 3), wild * Math.cos(i / 2)), id: `o${i}` }
})

/** Where another model begins: the end of the warm-up, and the first look at the units. */
const BEGINNINGS = [19, 39]

/** Evaluations that a model of at most 200 parameters may take for so much work. */
const evaluationsFor = (work: number) => work / 200

/** The same, whatever the clock says. */
function strip(estimates: readonly (Estimate | undefined)[]): string[] {
  return estimates.map(estimate => JSON.stringify({ ...estimate, t: 0 }))
}

describe('a learner that needs many evaluations', () => {
  it('F51: never learns more within one observation than a bound on evaluations allows: neither at the end of the warm-up nor when its units are outgrown', () => {
    const counted = countedSweeps()
    const learner = new Learner(STIFF)
    const models: unknown[] = []
    let [most, largest, total] = [0, 0, 0]
    stream.forEach((observation, i) => {
      const before = counted.evaluations
      const { evaluations } = learner.observe(observation)
      const took = counted.evaluations - before
      const own = evaluations.forward + evaluations.backward
      largest = Math.max(largest, own)
      // Of the backlog: the piece, of which the last observation may go beyond; two where one alone does.
      const allowed = evaluationsFor(BEGINNINGS.includes(i) ? AT_ONCE : BESIDES)
      expect(took - own).toBeLessThan(Math.max(allowed, MOST) + MOST)
      most = Math.max(most, took)
      total += took - own
      if (learner.model !== models.at(-1)) models.push(learner.model)
    })
    // Both models have caught up, and learning their beginnings at once would have been far more than the most that was.
    expect(models.length).toBe(2)
    expect(largest).toBeLessThan(MOST)
    expect(total / 2).toBeGreaterThan(1.5 * most)
  })

  it('F51: predicts by persistence until its first model has caught up, and by the old one until the next has', () => {
    const learner = new Learner(STIFF)
    const scales: number[] = []
    const estimates = stream.map(observation => {
      const estimate = learner.observe(observation)
      scales.push(learner.units?.scale[1] ?? 0)
      return estimate
    })
    const first = scales.findIndex(scale => scale > 0)
    const next = scales.findIndex(scale => scale > 10)
    expect(first).toBeGreaterThan(BEGINNINGS[0]!)
    expect(first).toBeLessThanOrEqual(BEGINNINGS[1]!)
    expect(next).toBeGreaterThan(BEGINNINGS[1]!)
    expect(next).toBeLessThanOrEqual(2 * BEGINNINGS[1]!)
    estimates.slice(1, first + 1).forEach(({ predicted }, i) => {
      expect(predicted).toEqual(Array.from(stream[i]!.y))
    })
    // Updates are counted on.
    estimates.slice(first + 1).forEach(({ update, interval }, i) => {
      expect(update.count).toBeGreaterThanOrEqual(i)
      expect(interval).not.toContain(null)
    })
  })

  it.each([21, 23, 41, 45, 50])(
    'F51, F53: goes on exactly from what was stored after %d observations, while a model catches up',
    at => {
      const straight = new Learner(STIFF)
      run(straight, stream.slice(0, at))
      const resumed = new Learner(STIFF)
      const saved = straight.save()
      expect(Object.keys(saved as object)).toContain('next')
      resumed.restore(new Section(saved))
      expect(strip(run(resumed, stream.slice(at, 80)))).toEqual(strip(run(straight, stream.slice(at, 80))))
      expect(resumed.units!.scale[1]).toBeGreaterThan(10)
    },
  )

  it('F51: takes corrections, retractions, late ones and a clock that is set back while a model catches up', () => {
    const learner = new Learner(STIFF)
    const jumps = (o: Observation): Observation => ({ ...o, t: o.t - 3600 })
    const act = (each: Learner, back: (o: Observation) => Observation) => [
      ...run(each, stream.slice(0, 21)),
      each.revise({ ...stream[20]!, y: Float64Array.of(0, 1), revision: 'correct' }),
      each.revise({ ...stream[2]!, revision: 'retract' }),
      each.observe({ ...back(stream[21]!), arrival: 'reset' }),
      ...run(each, stream.slice(22, 42).map(back)),
      each.revise({ ...back(stream[40]!), revision: 'retract' }),
      each.revise({ ...back(stream[41]!), y: Float64Array.of(0, -50), revision: 'correct' }),
      each.revise({ ...back({ ...stream[40]!, t: 40.5 }), id: 'late', arrival: 'late' }),
      ...run(each, stream.slice(42, 80).map(back)),
    ]
    const estimates = act(learner, jumps)
    expect(estimates.flatMap(estimate => estimate?.revision ?? [])).toEqual([
      'corrected',
      'retracted',
      'retracted',
      'corrected',
      'late',
    ])
    expect(learner.units!.scale[1]).toBeGreaterThan(10)
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
