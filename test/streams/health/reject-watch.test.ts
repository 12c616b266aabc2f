import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { healthReport } from '../../../streams/health/health.js'
import { RejectWatch } from '../../../streams/health/reject-watch.js'

const NOT_STUCK = { byKey: new Map<string, readonly number[]>(), names: [] }

/** A watch that has seen so many messages at a time, of which some cannot be used. */
function fed(watch: RejectWatch, received: number, rejected: number, now: number): RejectWatch {
  for (let n = 0; n < received; n++) watch.received(now)
  for (let n = 0; n < rejected; n++) watch.rejected('OBSERVATION_CHANNELS', now)
  return watch
}

describe('F22, F23: a watch over messages that cannot be used', () => {
  it('is alarmed from a tenth of at least twenty on, and calm again below half of that', () => {
    expect(fed(new RejectWatch(), 19, 19, 0).alarmed(0)).toBe(false)
    expect(fed(new RejectWatch(), 100, 9, 0).alarmed(0)).toBe(false)
    const watch = fed(new RejectWatch(), 100, 10, 0)
    expect(watch.alarmed(0)).toBe(true)
    expect(fed(watch, 99, 0, 1000).alarmed(1000)).toBe(true)
    expect(fed(watch, 2, 0, 1000).alarmed(1000)).toBe(false)
    // Calm, it takes the whole share again.
    expect(fed(watch, 10, 8, 2000).alarmed(2000)).toBe(false)
  })

  it('forgets what is older than its window, and is calm when nothing comes any more', () => {
    const watch = fed(new RejectWatch({ window: 60 }), 50, 50, 0)
    expect(watch.alarmed(59_000)).toBe(true)
    expect(watch.alarmed(60_000)).toBe(false)
    expect(watch.report(60_000)).toEqual({ received: 0, rejected: 0, codes: [] })
  })

  it('does not mind what came late, twice, or when there was no room', () => {
    const watch = new RejectWatch()
    for (let n = 0; n < 100; n++) {
      watch.received(0)
      for (const code of ['OBSERVATION_LATE', 'OBSERVATION_DUPLICATE', 'OBSERVATION_DROPPED'] as const)
        watch.rejected(code, 0)
    }
    expect([watch.alarmed(0), watch.report(0)]).toEqual([false, { received: 100, rejected: 0, codes: [] }])
  })

  it('counts what came in the window, whenever it came', () => {
    const message = fc.record({ gap: fc.integer({ min: 0, max: 20_000 }), bad: fc.boolean() })
    fc.assert(
      fc.property(fc.array(message, { maxLength: 100 }), messages => {
        const watch = new RejectWatch({ window: 60 })
        let now = 0
        const seen: { at: number; bad: boolean }[] = []
        for (const { gap, bad } of messages) {
          now += gap
          watch.received(now)
          if (bad) watch.rejected('OBSERVATION_INVALID', now)
          seen.push({ at: now, bad })
          const { received, rejected } = watch.report(now)
          // The window moves on by a twelfth.
          const among = (seconds: number) => seen.filter(({ at }) => at > now - 1000 * seconds)
          expect(received).toBeGreaterThanOrEqual(among(55).length)
          expect(received).toBeLessThanOrEqual(among(60).length)
          expect(rejected).toBeGreaterThanOrEqual(among(55).filter(one => one.bad).length)
          expect(rejected).toBeLessThanOrEqual(among(60).filter(one => one.bad).length)
        }
      }),
    )
  })

  it('becomes a sentence with figures, the commonest code, and what to do', () => {
    const watch = fed(new RejectWatch(), 100, 30, 0)
    for (let n = 0; n < 5; n++) watch.rejected('OBSERVATION_NOT_JSON', 0)
    const { status, reasons } = healthReport({
      rejects: watch.report(0),
      load: 'normal',
      frozen: 0,
      stuck: NOT_STUCK,
      failures: [],
    })
    expect([status, reasons.map(({ code }) => code)]).toEqual(['degraded', ['OBSERVATION_CHANNELS']])
    expect(reasons[0]!.sentence).toBe(
      '35 of the last 100 messages could not be used, 30 of them with OBSERVATION_CHANNELS: expected the channels of the pipeline file. ' +
        'List the channels in the order of y in the pipeline file, or name them in values.',
    )
  })

  it('has a sentence for everything else that is wrong', () => {
    const failures = [{ code: 'CHECKPOINT_FAILED', sentence: 'CHECKPOINT_FAILED: …' }]
    const { reasons } = healthReport({ rejects: undefined, load: 'conflate', frozen: 2, stuck: NOT_STUCK, failures })
    expect(reasons.map(({ code }) => code)).toEqual(['CHECKPOINT_FAILED', 'LOAD', 'LEARNING_FROZEN'])
    expect(healthReport({ rejects: undefined, load: 'normal', frozen: 0, stuck: NOT_STUCK, failures: [] })).toEqual({
      status: 'ok',
      reasons: [],
    })
  })
})
