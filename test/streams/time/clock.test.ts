import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../streams/time/clock.js'

describe('systemClock', () => {
  it('sleeps at least as long as it is told to', async () => {
    const before = systemClock.now()
    await systemClock.sleep(15, new AbortController().signal)
    // Timers count whole milliseconds and may be one early.
    expect(systemClock.now() - before).toBeGreaterThanOrEqual(14)
  })

  it('wakes at once when it is aborted, and leaves no timer', async () => {
    const timers = () => process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length
    const before = timers()
    const stop = new AbortController()
    const sleep = systemClock.sleep(1e9, stop.signal)
    expect(timers()).toBe(before + 1)
    stop.abort()
    await sleep
    expect(timers()).toBe(before)
  })

  it('sleeps for longer than a timer can', async () => {
    const stop = new AbortController()
    const warned = new Promise<Error>(resolve => process.once('warning', resolve))
    const slept = systemClock.sleep(1e15, stop.signal).then(() => 'awake')
    expect(await Promise.race([slept, warned, systemClock.sleep(5, stop.signal)])).toBeUndefined()
    stop.abort()
    expect(await slept).toBe('awake')
    process.removeAllListeners('warning')
  })

  it('does not fall asleep after the abort', async () => {
    await systemClock.sleep(1e9, AbortSignal.abort())
  })
})
