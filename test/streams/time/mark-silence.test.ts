import { Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Observation } from '../../../src/observation.js'
import type { Delivery, FeedPosition } from '../../../streams/feeds/feed.js'
import { isDeadLetter } from '../../../streams/feeds/feed.js'
import { Valve } from '../../../streams/overflow/valve.js'
import { clockDecisions } from '../../../streams/time/clock-decisions.js'
import { type MarkSilenceOptions, markSilence } from '../../../streams/time/mark-silence.js'
import { Silence } from '../../../streams/time/silence.js'
import { withinSkew } from '../../../streams/time/within-skew.js'
import { HandClock } from '../../support/hand-clock.js'
import { keyed } from '../../support/observations.js'

const position = (message: number): FeedPosition => ({ message, values: 1 })

function watched(more: Partial<MarkSilenceOptions> = {}) {
  const clock = new HandClock()
  const valve = new Valve()
  const feed = new Subject<Delivery>()
  const passed: Delivery[] = []
  const seen = { completed: false, error: undefined as unknown }
  const subscription = feed.pipe(markSilence({ idle: 8, clock, valve, ...more })).subscribe({
    next: delivery => passed.push(delivery),
    error: error => {
      seen.error = error
    },
    complete: () => {
      seen.completed = true
    },
  })
  let message = 0
  const hear = (key: string, t = clock.time / 1000) =>
    feed.next({ value: keyed(key, t, 1), position: position(++message) })
  const marks = () =>
    passed.flatMap(({ value }) => (!isDeadLetter(value) && value.arrival === 'idle' ? [value.key] : []))
  return { clock, valve, feed, passed, seen, subscription, hear, marks }
}

describe('F04: a key that falls silent', () => {
  it('is marked once, in time, where the feed stands, and again when it has come back and is silent again', async () => {
    const { clock, hear, marks, passed } = watched()
    hear('a')
    await clock.advance(4)
    hear('b', 50)
    await clock.advance(3.9)
    expect(marks()).toEqual([])
    await clock.advance(2.1)
    expect(marks()).toEqual(['a'])
    expect(passed.at(-1)).toEqual({
      value: { key: 'a', t: 0, y: new Float64Array(0), arrival: 'idle' },
      position: position(2),
    })
    await clock.advance(4)
    expect(marks()).toEqual(['a', 'b'])
    await clock.advance(100)
    hear('a')
    await clock.advance(10)
    expect(marks()).toEqual(['a', 'b', 'a'])
  })

  it('is not marked while it speaks, nor while nothing can come', async () => {
    const { clock, valve, hear, marks } = watched()
    for (let n = 0; n < 20; n++) {
      hear('a')
      await clock.advance(5)
    }
    valve.hold(marks)
    await clock.advance(60)
    valve.release(marks)
    await clock.advance(5)
    expect(marks()).toEqual([])
    await clock.advance(5)
    expect(marks()).toEqual(['a'])
  })

  it('is marked when it was known before, once it is known where the feed stands', async () => {
    const anew = watched({ known: () => ['a', 'b'], from: position(7) })
    anew.hear('a')
    await anew.clock.advance(10)
    expect(anew.marks()).toEqual(['b', 'a'])
    const elsewhere = watched({ known: () => ['a'] })
    await elsewhere.clock.advance(60)
    expect(elsewhere.marks()).toEqual([])
    elsewhere.hear('b')
    await elsewhere.clock.advance(10)
    expect(elsewhere.marks()).toEqual(['a', 'b'])
  })

  it('is no reason to outlive the feed', async () => {
    const { clock, feed, seen, hear, marks } = watched()
    hear('a')
    feed.complete()
    await clock.advance(60)
    expect([seen.completed, marks()]).toEqual([true, []])
    const failed = watched()
    failed.feed.error(new Error('of the feed'))
    expect(failed.seen.error).toEqual(new Error('of the feed'))
    const left = watched()
    left.hear('a')
    left.subscription.unsubscribe()
    await left.clock.advance(60)
    expect([left.feed.observed, left.marks()]).toEqual([false, []])
  })

  it('takes memory for as many keys as may be learned, however many come', () => {
    const silence = new Silence({ idle: 8, maxKeys: 100 })
    for (let n = 0; n < 10_000; n++) silence.hear(`k${n}`, n, 0)
    expect(silence.watched).toBe(100)
    expect(silence.look(8000)).toHaveLength(100)
    expect(silence.watched).toBe(0)
  })
})

describe('F11: a time ahead of the clock', () => {
  const through = (value: Delivery['value'], clock = new HandClock(1_764_000_000)) => {
    const passed: Delivery[] = []
    const feed = new Subject<Delivery>()
    feed.pipe(withinSkew(60, clock)).subscribe(delivery => passed.push(delivery))
    feed.next({ value, position: position(3) })
    expect(passed.map(one => one.position)).toEqual([position(3)])
    return passed[0]!.value
  }

  it('is a dead letter beyond maxSkew, and as good as any up to it', () => {
    const fine = keyed('a', 1_764_000_060, 1)
    expect(through(fine)).toBe(fine)
    expect(through(keyed('a', 1_764_000_060.5, 1))).toMatchObject({
      code: 'OBSERVATION_FUTURE',
      place: 'key "a"',
      message: expect.stringMatching(/t=1764000060.5 with y=\[1\].*source\.maxSkew/),
    })
    expect(through(keyed('a', -5, 1))).toMatchObject({ t: -5 })
  })

  it('F18: depends on what the clock on the wall says now', async () => {
    const clock = new HandClock(1_764_000_000)
    const ahead: Observation = keyed('a', 1_764_000_090, 1)
    expect(through(ahead, clock)).toHaveProperty('code')
    await clock.advance(30)
    expect(through(ahead, clock)).toBe(ahead)
  })
})

describe('what the clock decides', () => {
  it.each([
    [{ kind: 'log', path: 'x' }, 0],
    [{ kind: 'simulate', system: 'spiral' }, 0],
    [{ kind: 'log', path: 'x', follow: true }, 1],
    [{ kind: 'stdin' }, 1],
    [{ kind: 'websocket', url: 'ws://127.0.0.1:1' }, 1],
    [undefined, 1],
  ] as const)('is silence only where things happen now: of %j %i mark', async (source, count) => {
    const clock = new HandClock()
    const feed = new Subject<Delivery>()
    const passed: Delivery[] = []
    const decide = clockDecisions({ ...(source && { source }), learn: { idle: 8 } }, { clock, valve: new Valve() })
    feed.pipe(decide).subscribe(delivery => passed.push(delivery))
    feed.next({ value: keyed('a', 1, 1), position: position(1) })
    await clock.advance(60)
    expect(passed).toHaveLength(1 + count)
  })
})
