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
    expect(served.served).toBe(served.alone)
    expect([served.least, served.most, served.disturbed]).toEqual([observations, observations, 0])
    expect(served.evicted).toBe(stalled)
    expect(served.evictedAfter).toBeLessThanOrEqual(5)
    expect(quantile(served.delays, 0.99)).toBeLessThanOrEqual(0.1)
  })
})
