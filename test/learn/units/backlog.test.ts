import { describe, expect, it } from 'vitest'
import { encodeCheckpoint } from '../../../src/learn/checkpoint/encode-checkpoint.js'
import { learnerSettings } from '../../../src/learn/learner-settings.js'
import { TrainedModel } from '../../../src/learn/trained-model.js'
import { Backlog } from '../../../src/learn/units/backlog.js'
import { Normaliser } from '../../../src/learn/units/normaliser.js'
import type { Observation } from '../../../src/observation.js'
import { Section } from '../../../src/section.js'
import { simulated } from '../../support/streams.js'

const settings = learnerSettings({ window: 4, model: { augment: 1, dynamics: { hidden: [3] } } })
const stream = simulated({ system: 'van-der-pol', count: 40 }).map((o, i): Observation => ({ ...o, id: `o${i}` }))
const units = Normaliser.fit(stream, { leastSpread: 0.4 })

/** The first 20 observations, of a model that has learned `learned` of them. */
function begun(learned: number, first = stream.slice(0, 20)): Backlog {
  const backlog = new Backlog()
  for (const observation of first) backlog.add(observation)
  backlog.begin(new TrainedModel(units, settings, undefined))
  for (let n = 0; n < learned; n += 2) expect(backlog.proceed(0)).toBeUndefined()
  return backlog
}

/** Takes in what comes after the first 20, a piece learned with each, until the model has caught up. @returns What it learned in the end, and how many of the stream had come by then. */
function caughtUp(backlog: Backlog): { learned: Uint8Array; end: number } {
  for (let end = 20; end < stream.length; ) {
    backlog.add(stream[end++]!)
    const model = backlog.proceed(0)
    if (model) return { learned: stateOf(model), end }
  }
  throw new Error(`${backlog.length} are left`)
}

function atOnce(observations: readonly Observation[]): Uint8Array {
  const backlog = begun(0, [...observations])
  return stateOf(backlog.proceed(Number.POSITIVE_INFINITY)!)
}

function stateOf(model: TrainedModel): Uint8Array {
  return encodeCheckpoint({ identity: null, summary: null, state: model.save() })
}

describe('a backlog', () => {
  it('is learned in pieces to the same bits as at once, and nothing of it is left then', () => {
    const backlog = begun(0)
    // Two with each, of which one has just come.
    expect(caughtUp(backlog)).toEqual({ learned: atOnce(stream), end: 40 })
    expect(backlog.length).toBe(0)
    expect(backlog.model).toBeUndefined()
    expect(backlog.proceed(0)).toBeUndefined()
  })

  it('learns more of it where the work allows', () => {
    const backlog = begun(0)
    const { model } = backlog
    backlog.proceed(3e5)
    const { forward, backward } = model!.filter.evaluations
    // Two hundred multiply-adds each, and the last one may go beyond.
    expect(forward + backward).toBeGreaterThanOrEqual(1500)
    expect(forward + backward).toBeLessThan(2500)
  })

  it('is what it would be had everything that is not learned yet come in its place and right', () => {
    const [wrong, gone, ...rest] = stream.slice(12, 20) as [Observation, Observation, ...Observation[]]
    const backlog = begun(6, [...stream.slice(0, 12), { ...wrong, y: Float64Array.of(9, 9) }, gone, ...rest.slice(1)])
    expect(backlog.remove(wrong.id)).toBe(12)
    expect(backlog.add({ ...wrong, revision: 'correct' })).toBe(12)
    expect(backlog.remove(gone.id)).toBe(13)
    expect(backlog.add(rest[0]!)).toBe(13)
    expect(backlog.remove('nobody')).toBe(-1)
    const { learned, end } = caughtUp(backlog)
    expect(learned).toEqual(atOnce(stream.slice(0, end).filter(o => o !== gone)))
  })

  it('passes on to the model what changes behind its place: as to one at work', () => {
    const [learned, waiting] = [stream.slice(0, 10), stream.slice(10, 20)]
    const late = { ...stream[8]!, t: stream[8]!.t + 1e-3, id: 'late' }
    const corrected = { ...stream[7]!, y: Float64Array.of(1, -1) }
    const backlog = begun(10)
    expect(backlog.add(late)).toBe(9)
    expect(backlog.remove('o7')).toBe(7)
    expect(backlog.add(corrected)).toBe(7)
    expect(backlog.remove('o9')).toBe(10)

    const model = new TrainedModel(units, settings, undefined)
    const known = new Float64Array(2).fill(Number.NaN)
    const take = (observations: readonly Observation[]) => {
      for (const observation of observations) {
        model.step(observation, known)
        known.set(observation.y)
      }
    }
    take(learned)
    model.revise(late, known)
    model.revise({ ...stream[7]!, revision: 'retract' }, known)
    model.revise(corrected, known)
    model.revise({ ...stream[9]!, revision: 'retract' }, known)
    const caught = caughtUp(backlog)
    take([...waiting, ...stream.slice(20, caught.end)])
    expect(caught.learned).toEqual(stateOf(model))
  })

  it('leaves the model as it is where what changes is older than its window', () => {
    const backlog = begun(18)
    const before = stateOf(backlog.model!)
    expect(backlog.remove('o3')).toBe(3)
    expect(backlog.add({ ...stream[3]!, y: Float64Array.of(9, 9) })).toBe(3)
    expect(stateOf(backlog.model!)).toEqual(before)
    const { learned, end } = caughtUp(backlog)
    expect(learned).toEqual(atOnce(stream.slice(0, end)))
  })

  it.each([0, 6, 18])('goes on exactly from what was stored when %d were learned', learned => {
    const backlog = begun(learned)
    const resumed = new Backlog()
    resumed.restore(new Section(backlog.save()))
    resumed.restoreModel(new TrainedModel(units, settings, undefined), new Section(backlog.saveModel()))
    const { learned: all, end } = caughtUp(resumed)
    expect(all).toEqual(atOnce(stream.slice(0, end)))
  })

  it('begins again with other observations when another model takes its place', () => {
    const backlog = begun(6)
    backlog.begin(new TrainedModel(units, settings, undefined), stream.slice(5, 20))
    expect(backlog.length).toBe(15)
    expect(caughtUp(backlog)).toEqual({ learned: atOnce(stream.slice(5, 35)), end: 35 })
  })
})
