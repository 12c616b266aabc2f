import { once } from 'node:events'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { isDeadLetter } from '../../../streams/feeds/feed.js'
import { websocketFeed } from '../../../streams/feeds/websocket/websocket.js'
import { type Clock, systemClock } from '../../../streams/time/clock.js'
import { clockDecisions } from '../../../streams/time/clock-decisions.js'
import { feedContext, Watch } from '../../support/feeds.js'
import { startServer } from '../../support/sockets.js'

const HOUR = 3_600_000

describe('F18: a clock on the wall that jumps by an hour, forth and back', () => {
  it('ends no connection and makes no key silent', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const { url, connection } = await startServer()
    // Looks as often as it can.
    const clock: Clock = { ...systemClock, sleep: (_, signal) => systemClock.sleep(1, signal) }
    const context = feedContext({ clock })
    const source = { kind: 'websocket', url } as const
    // Much longer than the test, much shorter than the jumps.
    const decide = clockDecisions({ source, learn: { idle: 60 } }, context)
    const feed = websocketFeed({ url, heartbeat: 0.05, handshakeTimeout: 60 }, context)
    const watch = new Watch(feed.pipe(decide))
    const peer = await connection()
    for (const [n, jump] of [HOUR, -2 * HOUR, 2 * HOUR, -HOUR, HOUR, -HOUR].entries()) {
      peer.send(`{"t":${n},"y":[1]}`)
      // It was heard before the jump.
      await watch.has(n + 1)
      vi.setSystemTime(Date.now() + jump)
      await once(peer, 'ping')
    }
    watch.unsubscribe()
    expect(watch.values.map(({ value }) => (isDeadLetter(value) ? value.code : value.arrival))).toEqual(
      new Array(6).fill(undefined),
    )
    expect(context.logs).toEqual([expect.stringContaining('connected')])
  })
})
