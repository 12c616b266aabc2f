import { describe, expect, it } from 'vitest'
import { Valve } from '../../../streams/overflow/valve.js'

describe('Valve', () => {
  it('is open until somebody holds it, and again when the last one has let go', () => {
    const valve = new Valve()
    const [a, b] = [{}, {}]
    expect(valve.open).toBe(true)
    valve.hold(a)
    valve.hold(b)
    valve.hold(a)
    valve.release(a)
    expect(valve.open).toBe(false)
    valve.release(b)
    expect(valve.open).toBe(true)
  })

  it('calls back at once when it is open', () => {
    let calls = 0
    new Valve().whenOpen(() => calls++)
    expect(calls).toBe(1)
  })

  it('calls everyone who waits back once, in order, when it opens', () => {
    const valve = new Valve()
    const [a, b] = [{}, {}]
    const calls: number[] = []
    valve.hold(a)
    valve.hold(b)
    for (const n of [1, 2, 3]) valve.whenOpen(() => calls.push(n))
    valve.release(a)
    expect(calls).toEqual([])
    valve.release(b)
    expect(calls).toEqual([1, 2, 3])
    valve.hold(a)
    valve.release(a)
    expect(calls).toEqual([1, 2, 3])
  })

  it('is not opened by somebody who does not hold it', () => {
    const valve = new Valve()
    valve.hold({})
    valve.release({})
    expect(valve.open).toBe(false)
  })

  it('takes a callback that waits again', () => {
    const valve = new Valve()
    const holder = {}
    let calls = 0
    const wait = () => {
      if (++calls === 1) valve.hold(holder)
      if (calls < 3) valve.whenOpen(wait)
    }
    valve.hold(holder)
    valve.whenOpen(wait)
    valve.release(holder)
    expect(calls).toBe(1)
    valve.release(holder)
    expect(calls).toBe(3)
  })
})
