import { describe, expect, it } from 'vitest'
import { quantile, serveForReal } from '../support/serving.js'

const SUBSCRIBERS = Number(process.env.SUBSCRIBERS ?? 2000)
const SECONDS = Number(process.env.SECONDS ?? 60)
const RATE = 10

describe('serving at scale', () => {
  it('F31, F32: 2 000 subscribers at 10 Hz, one in a hundred stalled', async () => {
    const stalled = Math.round(SUBSCRIBERS / 100)
    const observations = RATE * SECONDS
    const served = await serveForReal({ subscribers: SUBSCRIBERS, stalled, observations, rate: RATE })
    const milliseconds = (share: number) => (1000 * quantile(served.delays, share)).toFixed(1)
    console.log(
      [
        `${SUBSCRIBERS} subscribers (${stalled} stalled), ${observations} observations at ${RATE} Hz, ${served.delays.length} deliveries`,
        `from sending the observation to the estimate at the subscriber: p50 ${milliseconds(0.5)} ms, p99 ${milliseconds(0.99)} ms, most ${milliseconds(1)} ms`,
        `from the first subscriber to the last: p50 ${quantile(served.spreads, 0.5).toFixed(1)} ms, p99 ${quantile(served.spreads, 0.99).toFixed(1)} ms`,
        `stalled: ${served.evicted} sent away, the last after ${served.evictedAfter?.toFixed(1)} s; others disturbed: ${served.disturbed}`,
      ].join('\n'),
    )
    console.log(
      `event loop of the pipeline late by p50 ${served.seen.loop.p50.toFixed(1)} ms, p99 ${served.seen.loop.p99.toFixed(1)} ms, most ${served.seen.loop.most.toFixed(1)} ms; ` +
        `${served.seen.estimates} estimates made into JSON; at most ${(served.buffered / 1024).toFixed(0)} KiB waited`,
    )
    expect(served.served).toBe(served.alone)
    expect(served.seen.estimates).toBe(observations)
    expect(served.seen.loop.p99).toBeLessThanOrEqual(20)
    expect([served.least, served.most, served.disturbed]).toEqual([observations, observations, 0])
    expect(served.evicted).toBe(stalled)
    expect(served.evictedAfter).toBeLessThanOrEqual(5)
    expect(quantile(served.delays, 0.99)).toBeLessThanOrEqual(0.1)
  })

  it('F31: five that are stalled do not slow down a hundred that read', async () => {
    const observations = 50 * (SECONDS / 2)
    const [without, withStalled] = [
      await serveForReal({ subscribers: 100, stalled: 0, observations, rate: 50 }),
      await serveForReal({ subscribers: 105, stalled: 5, observations, rate: 50 }),
    ]
    const [before, after] = [without, withStalled].map(({ delays }) => 1000 * quantile(delays, 0.99)) as [
      number,
      number,
    ]
    console.log(
      `100 subscribers, ${observations} observations at 50 Hz: p99 ${before.toFixed(1)} ms, with 5 stalled ${after.toFixed(1)} ms; ` +
        `${withStalled.evicted} sent away, the last after ${withStalled.evictedAfter?.toFixed(1)} s; at most ${(withStalled.buffered / 1024).toFixed(0)} KiB waited`,
    )
    expect([withStalled.evicted, withStalled.disturbed]).toEqual([5, 0])
    expect(withStalled.evictedAfter).toBeLessThanOrEqual(5)
    expect(withStalled.buffered).toBeLessThanOrEqual(5 << 20)
    // A tenth; of a few milliseconds, what a scheduler adds.
    expect(after - before).toBeLessThanOrEqual(Math.max(0.1 * before, 2))
  })
})
