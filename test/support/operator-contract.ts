import { EMPTY, from, NEVER, Observable, type OperatorFunction, Subject, take, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { survivors } from './heap.js'
import { takeUnheard } from './unheard.js'

export interface OperatorUnderTest<In, Out> {
  /** An operator with everything it needs, new at every call. */
  readonly create: () => OperatorFunction<In, Out>
  /** At least three, of which each of the last two leads to an output by the time the stream is complete. */
  readonly inputs: readonly In[]
  /** What is shared by all subscriptions of one operator, where that is meant. */
  readonly shares?: string
  /** Callbacks by name: the operator with one that throws, and inputs that make it. */
  readonly callbacks?: Readonly<Record<string, (fail: () => never) => ThrowingCallback<In>>>
}

export interface ThrowingCallback<In> {
  readonly operator: OperatorFunction<In, unknown>
  readonly inputs: readonly In[]
}

/** What every operator owes: the RxJS case list. */
export function describeOperatorContract<In, Out>(
  name: string,
  { create, inputs, shares, callbacks = {} }: OperatorUnderTest<In, Out>,
): void {
  const outputs = () => collect(from(inputs).pipe(create())).values

  describe(`${name}, as every operator`, () => {
    it('says nothing of a source that never emits', () => {
      const seen = collect(NEVER.pipe(create()))
      expect(seen).toEqual({ values: [], error: undefined, completed: false })
      seen.unsubscribe()
    })

    it('completes with an empty source', () => {
      expect(collect(EMPTY.pipe(create()))).toEqual({ values: [], error: undefined, completed: true })
    })

    it('completes after a single value', () => {
      const seen = collect(from(inputs.slice(0, 1)).pipe(create()))
      expect(seen.completed).toBe(true)
      expect(seen.values.length).toBeLessThanOrEqual(1)
    })

    it('X23: gives the same for values that come at once and one by one', () => {
      const source = new Subject<In>()
      const seen = collect(source.pipe(create()))
      for (const input of inputs) source.next(input)
      expect(seen.completed).toBe(false)
      source.complete()
      expect(seen.completed).toBe(true)
      expect(seen.values).toEqual(outputs())
      expect(seen.values.length).toBeGreaterThanOrEqual(2)
    })

    it('passes on an error of the source, at once and as it is', () => {
      const failure = new Error('of the source')
      const early = collect(throwError(() => failure).pipe(create() as OperatorFunction<unknown, Out>))
      expect(early).toEqual({ values: [], error: failure, completed: false })
      const source = new Subject<In>()
      const late = collect(source.pipe(create()))
      for (const input of inputs) source.next(input)
      source.error(failure)
      expect(late.error).toBe(failure)
      expect(late.completed).toBe(false)
      expect(source.observed).toBe(false)
    })

    it('X9: unsubscribes from the source when it is unsubscribed', () => {
      let tornDown = 0
      const source = new Observable<In>(subscriber => {
        for (const input of inputs) subscriber.next(input)
        return () => tornDown++
      })
      const seen = collect(source.pipe(create()))
      expect(tornDown).toBe(0)
      seen.unsubscribe()
      expect(tornDown).toBe(1)
    })

    it('X19: passes nothing on to whom it has lost, though the source goes on', async () => {
      const source = new Subject<In>()
      const once = collect(source.pipe(create(), take(1)))
      const left = collect(source.pipe(create()))
      for (const input of inputs) {
        source.next(input)
        left.unsubscribe()
      }
      source.complete()
      expect([once.values.length, await takeUnheard()]).toEqual([1, []])
    })

    it('stops a synchronous source as soon as it is unsubscribed', () => {
      let pulled = 0
      function* endless() {
        for (;;) {
          if (pulled > 10 * inputs.length) throw new Error('nobody stopped the source')
          yield inputs[Math.min(pulled++, inputs.length - 1)]!
        }
      }
      const seen = collect(from(endless()).pipe(create(), take(1)))
      expect(seen).toEqual({ values: outputs().slice(0, 1), error: undefined, completed: true })
      expect(pulled).toBeLessThanOrEqual(inputs.length)
    })

    it('X12: keeps the order when its consumer feeds it while it emits', () => {
      const source = new Subject<In>()
      const waiting = [...inputs]
      const feed = () => {
        const next = waiting.shift()
        if (next === undefined) source.complete()
        else source.next(next)
      }
      const values: Out[] = []
      source.pipe(create()).subscribe(value => {
        values.push(value)
        feed()
      })
      while (waiting.length > 0) feed()
      source.complete()
      expect(values).toEqual(outputs())
    })

    const each = shares === undefined ? 'shares nothing between subscriptions' : `shares ${shares}, nothing else`
    it(each, () => {
      const operator = create()
      const [one, other] = [new Subject<In>(), new Subject<In>()]
      const seen = collect(one.pipe(operator))
      const idle = collect(other.pipe(operator))
      for (const input of inputs) one.next(input)
      idle.unsubscribe()
      one.complete()
      expect(seen.values).toEqual(outputs())
      expect(seen.completed).toBe(true)
      expect(idle.values).toEqual([])
      if (shares !== undefined) return
      const again = collect(from(inputs).pipe(operator))
      expect(again.values).toEqual(outputs())
    })

    for (const [callback, throwing] of Object.entries(callbacks))
      it(`F54: ends in what its callback ${callback} throws, and lets go of the source`, () => {
        const failure = new Error('of the callback')
        const { operator, inputs: provoking } = throwing(() => {
          throw failure
        })
        const source = new Subject<In>()
        const seen = collect(source.pipe(operator))
        for (const input of provoking) if (source.observed) source.next(input)
        source.complete()
        expect(seen.error).toBe(failure)
        expect(seen.completed).toBe(false)
        expect(source.observed).toBe(false)
      })

    it('X16: leaves nothing behind: no subscription, no timer, no object', async () => {
      const resources = () => process.getActiveResourcesInfo().length
      const before = resources()
      const endings = [
        (_: Subject<In>, stop: () => void) => stop(),
        (source: Subject<In>) => source.complete(),
        (source: Subject<In>) => source.error(new Error('of the source')),
      ]
      const remains = [...endings, ...endings, ...endings, ...endings].map(end => {
        const source = new Subject<In>()
        const seen = collect(source.pipe(create()))
        for (const input of inputs) source.next(input)
        end(source, seen.unsubscribe)
        expect(source.observed).toBe(false)
        return [new WeakRef(source), new WeakRef(seen)]
      })
      // A reference is good until the end of the job that made it.
      for (let n = 0; n === 0 || (n < 100 && resources() > before + 3); n++)
        await new Promise(resolve => setTimeout(resolve))
      expect(await survivors(remains.flat())).toBe(0)
      // The test runner has timers of its own, now and then; four would be ours.
      expect(resources()).toBeLessThanOrEqual(before + 3)
    })
  })
}

export interface Collected<T> {
  readonly values: T[]
  error: unknown
  completed: boolean
  readonly unsubscribe: () => void
}

/** Subscribes and keeps what comes. */
export function collect<T>(source: Observable<T>): Collected<T> {
  const seen = { values: [] as T[], error: undefined as unknown, completed: false }
  const subscription = source.subscribe({
    next: value => seen.values.push(value),
    error: error => {
      seen.error = error
    },
    complete: () => {
      seen.completed = true
    },
  })
  // Not enumerable, so that what was seen can be compared as a whole.
  return Object.defineProperty(seen, 'unsubscribe', { value: () => subscription.unsubscribe() }) as Collected<T>
}
