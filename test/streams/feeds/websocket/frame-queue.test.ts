import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { FrameQueue } from '../../../../streams/feeds/websocket/frame-queue.js'
import { VirtualClock } from '../../../support/clock.js'

/** A queue whose frames each take a millisecond; what happened in which order. */
function createQueue() {
  const clock = new VirtualClock()
  const happened: string[] = []
  const state = { open: true }
  const queue = new FrameQueue({
    clock,
    take: frame => {
      happened.push(frame.slice(0, 8))
      clock.time += 1
    },
    ready: () => state.open,
    full: now => happened.push(now ? 'full' : 'room'),
  })
  return { queue, happened, state }
}

describe('a queue of frames', () => {
  it('takes the frames of one piece in one turn, in order', async () => {
    const { queue, happened } = createQueue()
    queue.push('a')
    queue.push('b')
    expect(happened).toEqual([])
    await undefined
    expect(happened).toEqual(['a', 'b'])
  })

  it('F51: lets others have their turn when a slice has passed', async () => {
    const { queue, happened } = createQueue()
    const frames = Array.from('abcdefghij')
    for (const frame of frames) queue.push(frame)
    await undefined
    expect(happened).toEqual(frames.slice(0, 4))
    await setImmediate()
    expect(happened).toEqual(frames.slice(0, 8))
    await queue.idle()
    expect(happened).toEqual(frames)
  })

  it('takes nothing while nobody is ready, and goes on where it was when it is woken', async () => {
    const { queue, happened, state } = createQueue()
    state.open = false
    queue.push('a')
    queue.push('b')
    await setImmediate()
    await setImmediate()
    expect(happened).toEqual([])
    state.open = true
    queue.wake()
    queue.wake()
    await queue.idle()
    expect(happened).toEqual(['a', 'b'])
  })

  it('says when too much waits, and when there is room again', async () => {
    const { queue, happened } = createQueue()
    const frame = (name: string) => name.padEnd(30_000)
    for (const name of Array.from('abcdefgh')) queue.push(frame(name))
    await queue.idle()
    expect(happened.map(name => name.trim())).toEqual(['a', 'b', 'c', 'd', 'full', 'e', 'f', 'g', 'h', 'room'])
  })

  it('forgets what waits, at any time', async () => {
    const { queue, happened } = createQueue()
    for (const frame of Array.from('abcdef')) queue.push(frame)
    await undefined
    queue.clear()
    await setImmediate()
    expect(happened).toEqual(Array.from('abcd'))
    queue.push('g')
    await queue.idle()
    expect(happened).toEqual(Array.from('abcdg'))
  })
})
