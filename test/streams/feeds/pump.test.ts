import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { pumpRecords } from '../../../streams/feeds/pump.js'
import type { RecordBatch } from '../../../streams/feeds/records.js'
import { StandingClock, VirtualClock } from '../../support/clock.js'
import { feedContext, outline, watchFeed } from '../../support/feeds.js'

/** Lines in one piece. */
function batch(lines: readonly string[]): RecordBatch {
  return { name: 'log', records: lines.map((text, i) => ({ text, line: i + 1, offset: 0 })) }
}

async function* batches(...lines: string[]) {
  for (const line of lines) yield batch([line])
}
const at = (...times: (number | string)[]) => times.map(t => `{"t":${JSON.stringify(t)},"y":[1]}`)

/** When each observation came out, by the clock. */
async function pace(lines: readonly string[], speed: number | 'max', work = 0) {
  const clock = new VirtualClock()
  const came: number[] = []
  const watch = watchFeed(
    pumpRecords(() => batches(...lines), { speed }, feedContext({ clock })),
    () => {
      came.push(clock.time)
      clock.time += work
    },
  )
  await watch.end
  return { came, sleeps: clock.sleeps, values: watch.values }
}

describe('pumpRecords', () => {
  it('keeps the pace of the event times at speed 1', async () => {
    const { came, sleeps } = await pace(at(1000, 1001, 1001.5, 1004), 1)
    expect(came).toEqual([0, 1000, 1500, 4000])
    expect(sleeps).toEqual([1000, 500, 2500])
  })

  it('is ten times as fast at speed 10', async () => {
    const { came } = await pace(at(1000, 1001, 1001.5, 1004), 10)
    expect(came).toEqual([0, 100, 150, 400])
  })

  it('waits for nothing at speed max', async () => {
    const { came, sleeps } = await pace(at(0, 1e9), 'max')
    expect(came).toEqual([0, 0])
    expect(sleeps).toEqual([])
  })

  it('makes up for the time that the work takes', async () => {
    const { came } = await pace(at(0, 1, 2, 3), 1, 400)
    expect(came).toEqual([0, 1000, 2000, 3000])
    const late = await pace(at(0, 1, 2, 10), 1, 1500)
    expect(late.came).toEqual([0, 1500, 3000, 10_000])
  })

  it('adds waits up that are shorter than a timer can be', async () => {
    const { came, sleeps } = await pace(at(...Array.from({ length: 11 }, (_, i) => i * 0.0004)), 1)
    expect(sleeps.length).toBeLessThan(5)
    expect(came.at(-1)).toBeGreaterThan(3)
    expect(came.at(-1)).toBeLessThanOrEqual(4)
  })

  it('does not wait for what is late or cannot be read', async () => {
    const lines = [...at(5, 3, 6), 'broken', ...at(4, 7)]
    const { came, values } = await pace(lines, 1)
    expect(outline(values)).toEqual([5, 3, 6, 'OBSERVATION_NOT_JSON', 4, 7])
    expect(came).toEqual([0, 0, 1000, 1000, 1000, 2000])
  })

  it('lets other tasks run in between, whatever the source gives', async () => {
    const clock = new VirtualClock()
    let turns = 0
    const count = async () => {
      for (;;) {
        await turn()
        turns++
      }
    }
    void count()
    const lines = at(...Array.from({ length: 1000 }, (_, i) => i))
    // Each observation is a millisecond of work.
    const feed = pumpRecords(
      async function* () {
        yield batch(lines)
      },
      { speed: 'max' },
      feedContext({ clock }),
    )
    const watch = watchFeed(feed, () => {
      clock.time++
    })
    await watch.end
    expect(turns).toBeGreaterThan(80)
    expect(watch.values).toHaveLength(1000)
  })

  it('X14: asks the source for no more than it has passed on', async () => {
    const context = feedContext()
    const holder = {}
    let given = 0
    async function* endless() {
      for (;;) yield batch(at(given++))
    }
    const watch = watchFeed(pumpRecords(endless, { speed: 'max' }, context), (_, count) => {
      if (count % 10 === 0) context.valve.hold(holder)
    })
    for (const stop of [10, 20, 30]) {
      await watch.has(stop)
      for (let i = 0; i < 10; i++) await turn()
      expect(watch.values).toHaveLength(stop)
      expect(given).toBe(stop)
      if (stop < 30) context.valve.release(holder)
    }
    watch.unsubscribe()
  })

  it('tells the source when it is unsubscribed, and says nothing more', async () => {
    const clock = new StandingClock()
    let told: AbortSignal | undefined
    const open = (signal: AbortSignal) => {
      told = signal
      return batches(...at(1, 2, 3))
    }
    const watch = watchFeed(pumpRecords(open, { speed: 1 }, feedContext({ clock })))
    await clock.asleep
    expect(told?.aborted).toBe(false)
    watch.unsubscribe()
    expect(told?.aborted).toBe(true)
    for (let i = 0; i < 10; i++) await turn()
    expect(outline(watch.values)).toEqual([1])
    expect(watch.completed).toBe(false)
  })

  it('ends in the error of the source', async () => {
    const failure = new Error('torn')
    const feed = pumpRecords(
      async function* () {
        yield batch(at(1))
        throw failure
      },
      { speed: 'max' },
      feedContext(),
    )
    const watch = watchFeed(feed)
    await watch.end
    expect(outline(watch.values)).toEqual([1])
    expect(watch.error).toBe(failure)
  })
})
