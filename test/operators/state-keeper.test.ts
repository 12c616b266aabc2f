import { concat, map, of, Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { Learner } from '../../src/learn/learner.js'
import type { Observation } from '../../src/observation.js'
import { forecast } from '../../src/operators/forecast.js'
import { learn } from '../../src/operators/learn.js'
import { perKey } from '../../src/operators/per-key.js'
import { reorder } from '../../src/operators/reorder.js'
import { StateKeeper } from '../../src/operators/state-keeper.js'
import { Random } from '../../src/random.js'
import { Section } from '../../src/section.js'

/** Three keys that look like numbers, times that go back a little. */
const random = new Random(7)
const stream = Array.from({ length: 90 }, (_, i): Observation => {
  return {
    key: String(3 - (i % 3)),
    t: i + 4 * random.uniform(),
    y: Float64Array.of(random.normal(), i % 5 ? 1 : Number.NaN),
  }
})
const options = { warmup: 5, window: 4, model: { augment: 0, dynamics: { hidden: [2] } } } as const

/** What the whole chain says of a part of the stream, and its state before the end of it. */
function runPart(part: readonly Observation[], saved?: { keys: string[]; state: Section }, flush = true) {
  const keeper = new StateKeeper(saved?.state)
  const keys: string[] = []
  const messages: string[] = []
  const input = new Subject<Observation>()
  const chain = perKey<Observation, unknown>(
    key => source => {
      keys.push(key)
      const learner = new Learner(options)
      keeper.add(`${key} learner`, learner)
      const estimates = source.pipe(reorder({ allowedLateness: 6, keep: keeper.keep(`${key} order`) }), learn(learner))
      return estimates.pipe(
        forecast(learner, { every: 4, horizon: 3, keep: keeper.keep(`${key} forecast`) }),
        map(value => ({ ...value, held: messages.length })),
      )
    },
    { open: saved?.keys ?? [] },
  )
  input.pipe(chain).subscribe(message => messages.push(JSON.stringify(message)))
  for (const observation of part) input.next(observation)
  const state = new Section(structuredClone(keeper.save()))
  if (flush) input.complete()
  return { keys, messages, state }
}

describe('StateKeeper', () => {
  it.each([1, 2, 20, 45, 89])('M15: a chain of operators goes on bit for bit after %d observations', count => {
    const whole = runPart(stream).messages
    const before = runPart(stream.slice(0, count), undefined, false)
    const after = runPart(stream.slice(count), before)
    const counted = after.messages.map(line => {
      const message = JSON.parse(line)
      return JSON.stringify({ ...message, held: message.held + before.messages.length })
    })
    expect([...before.messages, ...counted]).toEqual(whole)
  })

  it('sends out what restored keys held back, though nothing of theirs comes again', () => {
    const before = runPart(stream.slice(0, 30), undefined, false)
    const whole = runPart(stream.slice(0, 30)).messages.length
    expect(before.messages.length + runPart([], before).messages.length).toBe(whole)
    expect(whole).toBeGreaterThan(before.messages.length)
  })

  it('saves again what nobody has asked for', () => {
    const before = runPart(stream.slice(0, 30), undefined, false)
    expect(new StateKeeper(before.state).save()).toEqual(before.state.value)
  })

  it('gives a part its state once: a second subscription starts anew', () => {
    const saved = { newest: 5, held: [], released: 5, lateInARow: 0, lastLate: 0 }
    const keeper = new StateKeeper(new Section({ order: saved }))
    const late: number[] = []
    const order = reorder({ late: ({ t }) => late.push(t), keep: keeper.keep('order') })
    const source = of({ key: 'a', t: 1, y: Float64Array.of(0) })
    concat(source.pipe(order), source.pipe(order)).subscribe()
    expect(late).toEqual([1])
  })
})
