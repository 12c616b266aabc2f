import { describe, expect, it } from 'vitest'
import { burstForReal } from '../support/bursting.js'
import { quantile } from '../support/serving.js'

const SECONDS = Number(process.env.SECONDS ?? 30)
const LIMIT = 1024
/** Measured on processors of their own, FAULTS.md asks for 95 %. */
const GOODPUT = 0.95

describe('F05, F50: a burst of a hundred times the rate, over real sockets', () => {
  it.each([
    ['drop-oldest', undefined, undefined],
    ['coalesce', undefined, undefined],
    ['skip-update', undefined, undefined],
    ['block', undefined, undefined],
    ['drop-oldest', 2, undefined],
    ['skip-update', undefined, 64],
  ] as const)('by the policy %s, workers %s, megabytes of heap %s', async (policy, workers, heap) => {
    const report = await burstForReal({
      policy,
      limit: LIMIT,
      peakFor: 4,
      ...(workers && { workers }),
      ...(heap && { heap }),
      phases: [
        // Compiled, and with a heap as large as it gets.
        { rate: 10_000, seconds: Math.min(10, SECONDS) },
        { rate: 100, seconds: Math.min(5, SECONDS) },
        // Short of memory for a minute.
        { rate: 10_000, seconds: heap ? 2 * SECONDS : SECONDS },
        { rate: 100, seconds: Math.min(10, 2 * SECONDS) },
      ],
    })
    const { sent, accounting, fullest, growth, delays, recovered, goodput, peak, apart } = report
    const p99 = delays.map(some => `${(1000 * quantile(some, 0.99)).toFixed(1)} ms`)
    console.log(
      [
        `${policy}${workers ? `, ${workers} workers` : ''}${heap ? `, ${heap} MB of heap` : ''}: ${sent} sent, ${JSON.stringify(accounting)}`,
        `queue at most ${(100 * fullest).toFixed(0)} % of ${LIMIT}, resident memory ${growth.toFixed(1)} MiB more`,
        `p99 from sending to the estimate: ${p99.join(', ')} before, during, after; as before ${recovered.toFixed(2)} s after the burst`,
        `learned a second: ${goodput.map(rate => rate.toFixed(0)).join(', ')} before, during, after; ${peak!.toFixed(0)} when no more is offered: ${((100 * goodput[1]!) / peak!).toFixed(1)} %${apart ? '' : ', all on the same processors'}`,
      ].join('\n'),
    )
    const { received, queued, learned, skipped, dropped } = accounting
    expect([received, queued, learned + skipped + dropped]).toEqual([sent, 0, sent])
    // A feed that is told to wait may give what it has read already: one chunk.
    expect(fullest).toBeLessThanOrEqual(policy === 'block' || policy === 'skip-update' ? 1.5 : 1)
    // Where learner, sender and subscriber take from each other, the peak says nothing about the burst.
    if (apart) expect(goodput[1]! / peak!).toBeGreaterThanOrEqual(GOODPUT)
    expect(growth).toBeLessThanOrEqual(32)
    // A feed that is told to wait sends the rest afterwards, all of it.
    if (policy !== 'block' && policy !== 'skip-update') expect(recovered).toBeLessThanOrEqual(5)
  })
})
