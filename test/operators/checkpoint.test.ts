import { setImmediate as turn } from 'node:timers/promises'
import { Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { checkpoint } from '../../src/operators/checkpoint.js'
import { collect, describeOperatorContract } from '../support/operator-contract.js'

describe('checkpoint', () => {
  const setup = (every: number | Subject<void>) => {
    const events: string[] = []
    const input = new Subject<string>()
    const subscription = input.pipe(checkpoint({ save: () => events.push('saved') }, { every })).subscribe({
      next: value => events.push(value),
      error: () => events.push('error'),
      complete: () => events.push('end'),
    })
    return { events, input, subscription }
  }

  it('saves after every n-th value, when it has been passed on, and before the end is', () => {
    const { events, input } = setup(2)
    for (const value of 'abcde') input.next(value)
    input.complete()
    expect(events).toEqual(['a', 'b', 'saved', 'c', 'd', 'saved', 'e', 'saved', 'end'])
  })

  it('saves when it is told to and something has come', () => {
    const tick = new Subject<void>()
    const { events, input } = setup(tick)
    tick.next()
    input.next('a')
    input.next('b')
    tick.next()
    tick.next()
    input.next('c')
    tick.next()
    expect(events).toEqual(['a', 'b', 'saved', 'c', 'saved'])
  })

  it('saves when it is told to and what was saved is gone, though nothing has come', () => {
    const [tick, input] = [new Subject<void>(), new Subject<string>()]
    const store = { saved: 0, gone: false, save: () => store.saved++ }
    input.pipe(checkpoint(store, { every: tick })).subscribe()
    tick.next()
    store.gone = true
    tick.next()
    expect(store.saved).toBe(1)
  })

  it('waits for operators below that work elsewhere: values that come meanwhile are passed on after the checkpoint', async () => {
    const events: string[] = []
    const input = new Subject<string>()
    let answer = () => {}
    const ready = () =>
      new Promise<void>(resolve => {
        events.push('asked')
        answer = resolve
      })
    input.pipe(checkpoint({ save: () => events.push('saved'), ready }, { every: 2 })).subscribe({
      next: value => events.push(value),
      complete: () => events.push('end'),
    })
    const turn = async () => {
      answer()
      await Promise.resolve()
    }
    for (const value of 'abcde') input.next(value)
    input.complete()
    expect(events).toEqual(['a', 'b', 'asked'])
    await turn()
    expect(events.slice(3)).toEqual(['saved', 'c', 'd', 'asked'])
    await turn()
    expect(events.slice(7)).toEqual(['saved', 'e', 'asked'])
    await turn()
    expect(events.slice(10)).toEqual(['saved', 'end'])
  })

  it('X15: saves nothing once it is left, though what it has waited for is there then', async () => {
    const saved: string[] = []
    const whenReady: (() => void)[] = []
    const store = {
      save: () => saved.push('saved'),
      ready: () => new Promise<void>(resolve => whenReady.push(resolve)),
    }
    for (const left of [true, false]) {
      const source = new Subject<number>()
      const seen = collect(source.pipe(checkpoint(store, { every: 1 })))
      source.next(1)
      source.next(2)
      if (left) seen.unsubscribe()
      whenReady.shift()!()
      await turn()
      expect([seen.values, saved]).toEqual(left ? [[1], []] : [[1, 2], ['saved']])
      seen.unsubscribe()
    }
  })

  it('X12: saves when a value has gone through, not while it does, and keeps the order of a consumer that feeds it', () => {
    const tick = new Subject<void>()
    const { events, input } = setup(tick)
    const fed = new Subject<string>()
    fed.pipe(checkpoint({ save: () => events.push('saved too') }, { every: tick })).subscribe(value => {
      if (value === 'a') {
        fed.next('c')
        tick.next()
      }
      events.push(value)
    })
    fed.next('a')
    input.next('b')
    tick.next()
    expect(events).toEqual(['a', 'saved too', 'c', 'b', 'saved', 'saved too'])
  })

  it('ends in the error of what tells it when', () => {
    const tick = new Subject<void>()
    const { events, input } = setup(tick)
    tick.error(new Error('of the timer'))
    expect([events, input.observed]).toEqual([['error'], false])
  })

  it('saves before an error is passed on, and not when nobody listens any more', () => {
    const tick = new Subject<void>()
    const failing = setup(tick)
    failing.input.next('a')
    failing.input.error(new Error('gone'))
    const left = setup(tick)
    left.input.next('a')
    left.subscription.unsubscribe()
    tick.next()
    expect(failing.events).toEqual(['a', 'saved', 'error'])
    expect(left.events).toEqual(['a'])
    expect(tick.observed).toBe(false)
  })
})

describeOperatorContract('checkpoint', {
  create: () => checkpoint<number>({ save: () => {} }, { every: 2 }),
  inputs: [1, 2, 3, 4],
  callbacks: {
    save: fail => ({ operator: checkpoint({ save: fail }, { every: 2 }), inputs: [1, 2, 3] }),
    'save at the end': fail => ({ operator: checkpoint({ save: fail }, { every: 2 }), inputs: [1] }),
    ready: fail => ({ operator: checkpoint({ save: () => {}, ready: fail }, { every: 1 }), inputs: [1] }),
  },
})
