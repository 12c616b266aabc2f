import { describe, expect, it } from 'vitest'
import { breakConnections, deadPeers, muteServer } from '../support/breaking-feeds.js'
import { SEED } from '../support/seed.js'

const DROPS = Number(process.env.DROPS ?? 5000)
const RUNS = Number(process.env.RUNS ?? 500)
/** Connections at a time that are dead or mute. */
const AT_ONCE = 50

/** So many runs, some at a time. */
async function repeat(run: (runs: number) => Promise<number[]>): Promise<number[]> {
  const all: number[] = []
  while (all.length < RUNS) all.push(...(await run(Math.min(AT_ONCE, RUNS - all.length))))
  return all
}

describe('a feed over connections that fail', () => {
  it('F01: loses and repeats nothing, waits no longer than it says, keeps no socket', async () => {
    const { times, left, waits } = await breakConnections({ drops: DROPS, seed: SEED })
    const longest = Math.max(...waits.map(({ wait }) => wait))
    console.log(
      `seed ${SEED}: ${DROPS} connections broken in four ways, ${times.length} messages, 0 lost, 0 repeated, ` +
        `${waits.length} waits of at most ${(longest / 1000).toFixed(1)} s (virtual), ${left} sockets and timers more`,
    )
    expect(times).toEqual(times.map((_, i) => i))
    expect(left).toBeLessThanOrEqual(0)
    expect(waits.filter(({ wait, bound }) => !(wait >= 0 && wait <= bound))).toEqual([])
  })

  it('F02: gives up a peer that is dead within two heartbeats and a second', async () => {
    const heartbeat = 1
    const seconds = await repeat(runs => deadPeers({ runs, heartbeat }))
    console.log(
      `${seconds.length} half-open connections, a ping every ${heartbeat} s: connected again after ${Math.min(...seconds).toFixed(2)} to ${Math.max(...seconds).toFixed(2)} s`,
    )
    expect(Math.min(...seconds)).toBeGreaterThan(heartbeat)
    expect(Math.max(...seconds)).toBeLessThanOrEqual(2 * heartbeat + 1)
  })

  it('F03: gives up a server that never answers in 200 to 400 ms', async () => {
    const times = await repeat(runs => muteServer({ runs, handshakeTimeout: 0.2 }))
    console.log(
      `${times.length} mute servers, a patience of 200 ms: given up after ${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)} ms`,
    )
    // A timer may be a millisecond early.
    expect(Math.min(...times)).toBeGreaterThanOrEqual(199)
    expect(Math.max(...times)).toBeLessThanOrEqual(400)
  })
})
