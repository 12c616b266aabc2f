import fc from 'fast-check'
import { Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { OVERFLOW_POLICIES, type OverflowPolicy } from '../../../src/names.js'
import type { Observation } from '../../../src/observation.js'
import type { Delivery } from '../../../streams/feeds/feed.js'
import { Load } from '../../../streams/load/load.js'
import { OverflowQueue } from '../../../streams/overflow/overflow-queue.js'
import { Valve } from '../../../streams/overflow/valve.js'
import { keyed, oscillationMessages } from '../../support/observations.js'
import { runToFile, SMALL, writeLog } from '../../support/pipelines.js'
import { SCALE } from '../../support/seed.js'

const delivery = (n: number, key = 'k'): Delivery => ({
  value: keyed(key, n, n),
  position: { message: n + 1, values: 1 },
})

it('F51: what takes long is passed on over more turns of the event loop', () => {
  const turns: (() => void)[] = []
  let [now, passed] = [0, 0]
  const context = { inlet: new Valve(), outlet: new Valve(), schedule: (turn: () => void) => turns.push(turn) }
  const queue = new OverflowQueue({ policy: 'block' }, { ...context, now: () => now })
  const source = new Subject<Delivery>()
  queue.follow(source).subscribe(() => {
    passed++
    now += 3
  })
  for (let n = 0; n < 10; n++) source.next(delivery(n))
  const byTurn: number[] = []
  while (turns.length > 0) {
    const before = passed
    turns.shift()!()
    byTurn.push(passed - before)
  }
  // Four milliseconds are over after the second.
  expect(byTurn).toEqual([2, 2, 2, 2, 2, 0])
})

/** A queue whose turns come when the test says so. */
function queueOf(policy: OverflowPolicy, limit: number) {
  const [turns, passed, dropped]: [(() => void)[], Observation[], number[]] = [[], [], []]
  const [valve, outlet, load] = [new Valve(), new Valve(), new Load()]
  const source = new Subject<Delivery>()
  const queue = new OverflowQueue(
    { policy, limit },
    { inlet: valve, outlet, load, schedule: turn => turns.push(turn), now: () => 0 },
  )
  const seen = { completed: false, error: undefined as unknown }
  /** Where the feed stood with what came out, what was dropped included. */
  const positions: number[] = []
  let counted = 0
  const subscription = queue.follow(source).subscribe({
    next: ({ value, position, lost }) => {
      positions.push(position.message)
      if (lost === undefined) passed.push(value as Observation)
      for (const { received } of lost?.letters ?? []) dropped.push(Number(/t=(\d+)/.exec(received)![1]))
      for (const count of lost?.more.values() ?? []) counted += count
    },
    complete: () => {
      seen.completed = true
    },
    error: error => {
      seen.error = error
    },
  })
  const turn = () => {
    turns.shift()?.()
  }
  const times = () => passed.map(({ t }) => t)
  const pending = () => [...queue.lost.values()].reduce((sum, count) => sum + count, 0)
  const lost = () => dropped.length + counted + pending()
  return {
    queue,
    source,
    valve,
    outlet,
    load,
    turns,
    turn,
    passed,
    times,
    dropped,
    lost,
    positions,
    seen,
    subscription,
  }
}

describe('F05: a queue that is full', () => {
  const offer = (policy: OverflowPolicy, keys = 1) => {
    const all = queueOf(policy, 4)
    for (let n = 0; n < 6; n++) all.source.next(delivery(n, `${n % keys}`))
    return all
  }

  it.each([
    ['drop-oldest', [2, 3, 4, 5], [0, 1]],
    ['drop-newest', [0, 1, 2, 3], [4, 5]],
    ['block', [0, 1, 2, 3, 4, 5], []],
    ['skip-update', [0, 1, 2, 3, 4, 5], []],
  ] as const)('by the policy %s passes %j and drops %j', (policy, passes, drops) => {
    const { turn, times, dropped } = offer(policy)
    turn()
    expect(times()).toEqual(passes)
    expect(dropped).toEqual(drops)
  })

  it('by the policy coalesce keeps the newest of each key', () => {
    const { source, turn, times, dropped } = queueOf('coalesce', 3)
    for (const [n, key] of [
      [0, 'a'],
      [1, 'b'],
      [2, 'a'],
      [3, 'b'],
      [4, 'b'],
      [5, 'c'],
    ] as const)
      source.next(delivery(n, key))
    turn()
    expect(dropped).toEqual([0, 1, 3])
    expect(times()).toEqual([2, 4, 5])
  })

  it.each(['block', 'skip-update'] as const)('by the policy %s stops the feed until it is half empty', policy => {
    const { queue, source, valve, turn } = queueOf(policy, 64)
    for (let n = 0; n < 64; n++) source.next(delivery(n))
    expect([valve.open, queue.length]).toEqual([false, 64])
    turn()
    expect([valve.open, queue.length]).toEqual([false, 48])
    turn()
    expect([valve.open, queue.length]).toEqual([true, 32])
  })

  it('by the policy skip-update learns only what it has the time for', () => {
    const { passed, turn } = offer('skip-update')
    turn()
    // Six wait, where four are full: hurried until less than 85 % of the room is taken.
    expect(passed.map(({ learn = true }) => learn)).toEqual([false, false, false, true, true, true])
  })
})

describe('a queue between feed and learners', () => {
  it('X1, X2: loses nothing silently, keeps the order, never holds more than it may, and has one turn scheduled at most', () => {
    const step = fc.oneof(
      { weight: 20, arbitrary: fc.nat(3) },
      { weight: 2, arbitrary: fc.constantFrom('turn' as const, 'close' as const, 'open' as const) },
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...OVERFLOW_POLICIES),
        fc.integer({ min: 1, max: 40 }),
        fc.array(step, { maxLength: 300 }),
        (policy, limit, steps) => {
          const { queue, source, valve, outlet, turns, turn, times, dropped, lost, positions } = queueOf(policy, limit)
          let n = 0
          for (const one of steps) {
            if (one === 'turn') turn()
            else if (one === 'close') outlet.hold(turns)
            else if (one === 'open') outlet.release(turns)
            // A feed honours the valve.
            else if (valve.open) source.next(delivery(n++, `${one}`))
            expect(queue.length).toBeLessThanOrEqual(limit)
            expect(turns.length).toBeLessThanOrEqual(1)
            expect(times().length + lost() + queue.length).toBe(n)
          }
          source.complete()
          outlet.release(turns)
          while (turns.length > 0) turn()
          expect(times()).toEqual([...times()].sort((a, b) => a - b))
          expect(positions).toEqual([...positions].sort((a, b) => a - b))
          const all = [...times(), ...dropped]
          expect([new Set(all).size, all.length]).toEqual([all.length, all.length])
          expect(times().length + lost()).toBe(n)
          expect(valve.open).toBe(true)
        },
      ),
      { numRuns: 200 * SCALE },
    )
  })

  it('X1: holds no more than it may over a million values (SCALE), and accounts for each', () => {
    const { queue, source, turns, turn, seen, lost, times } = queueOf('drop-oldest', 64)
    const count = SCALE > 1 ? 1_000_000 : 20_000
    let [most, scheduled] = [0, 0]
    for (let n = 0; n < count; n++) {
      source.next(delivery(n))
      if (queue.length > most) most = queue.length
      if (turns.length > scheduled) scheduled = turns.length
      if (n % 100 === 99) turn()
    }
    source.complete()
    while (turns.length > 0) turn()
    expect([most, scheduled, seen.completed]).toEqual([64, 1, true])
    expect(times().length + lost()).toBe(count)
    expect(lost()).toBeGreaterThan(0)
  })

  it('ends with its feed, after what waits, and passes its error on', () => {
    for (const failure of [undefined, new Error('of the feed')]) {
      const { source, turn, times, seen } = queueOf('block', 100)
      for (let n = 0; n < 20; n++) source.next(delivery(n))
      if (failure) source.error(failure)
      else source.complete()
      expect(times()).toEqual([])
      turn()
      expect([times().length, seen.completed, seen.error]).toEqual([16, false, undefined])
      turn()
      expect([times().length, seen.completed, seen.error]).toEqual([20, failure === undefined, failure])
    }
  })

  it('passes nothing on and lets go of the valve once nobody listens', () => {
    const { source, valve, turn, times, subscription, queue } = queueOf('block', 2)
    for (let n = 0; n < 2; n++) source.next(delivery(n))
    subscription.unsubscribe()
    expect([valve.open, source.observed, queue.length]).toEqual([true, false, 0])
    turn()
    expect(times()).toEqual([])
  })
})

describe('F05: a pipeline with a queue', () => {
  const source = () => ({ kind: 'log', path: writeLog(oscillationMessages(3000)) }) as const
  const run = (policy: OverflowPolicy, limit: number) =>
    runToFile({ ...SMALL, source: { ...source(), overflow: { policy, limit } } })

  it.each(OVERFLOW_POLICIES)('accounts for everything by the policy %s, in a burst of three thousand', async policy => {
    const { progress, estimates } = await run(policy, 8)
    const { received, learned, skipped, dropped, queued, dead } = progress.accounting
    expect([received, queued, dead]).toEqual([3000, 0, 0])
    expect(learned + skipped + dropped).toBe(3000)
    expect(estimates).toHaveLength(learned + skipped)
    const drops = policy.startsWith('drop') || policy === 'coalesce'
    expect(dropped > 0).toBe(drops)
    if (policy === 'block') expect(skipped).toBe(0)
  })

  it('M13, X18: gives the bytes of a run without one where nothing is dropped and nothing skipped', async () => {
    const without = await runToFile({ ...SMALL, source: source() })
    expect((await run('block', 8)).output).toBe(without.output)
    expect((await run('drop-oldest', 1_000_000)).output).toBe(without.output)
  })
})
