import { describe, expect, it } from 'vitest'
import { fromNullable } from '../../../src/observation.js'
import { simulateFeed } from '../../../streams/feeds/simulate.js'
import { simulate } from '../../../streams/simulate/simulate.js'
import { VirtualClock } from '../../support/clock.js'
import { feedContext, outline, watchFeed } from '../../support/feeds.js'

describe('simulateFeed', () => {
  it('gives the observations of the system and completes', async () => {
    const options = { system: 'lorenz', count: 50, missing: 0.2, key: 'l' } as const
    const watch = watchFeed(simulateFeed(options, feedContext()))
    await watch.end
    const expected = [...simulate(options)].map(line => {
      const { key, t, y } = JSON.parse(line) as { key: string; t: number; y: (number | null)[] }
      return { key, t, y: fromNullable(y) }
    })
    expect(watch.values).toEqual(expected)
    expect(watch.completed).toBe(true)
  })

  it('keeps the pace it is asked to', async () => {
    const clock = new VirtualClock()
    const came: number[] = []
    const feed = simulateFeed({ system: 'pendulum', count: 20, speed: 2 }, feedContext({ clock }))
    const watch = watchFeed(feed, () => came.push(clock.time))
    await watch.end
    const times = outline(watch.values) as number[]
    times.forEach((t, i) => {
      // Waits of up to a millisecond are left to the next one.
      const due = ((t - times[0]!) / 2) * 1000
      expect(came[i]).toBeLessThanOrEqual(due + 1e-9)
      expect(came[i]).toBeGreaterThanOrEqual(due - 1)
    })
  })

  it('ends in the error of an option that is wrong', async () => {
    const watch = watchFeed(simulateFeed({ system: 'pendulum', hide: ['mass'] }, feedContext()))
    await watch.end
    expect(watch.error).toMatchObject({ code: 'OPTION_INVALID' })
  })
})
