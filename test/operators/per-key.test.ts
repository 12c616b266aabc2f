import {
  catchError,
  delay,
  EMPTY,
  from,
  identity,
  map,
  type Observable,
  type OperatorFunction,
  of,
  pipe,
  Subject,
  scan,
  take,
  throwError,
  timeout,
  toArray,
} from 'rxjs'
import { describe, expect, it } from 'vitest'
import { Learner } from '../../src/learn/learner.js'
import { learn } from '../../src/operators/learn.js'
import { perKey } from '../../src/operators/per-key.js'
import { marbles } from '../support/marbles.js'
import { oscillation } from '../support/observations.js'
import { collect, describeOperatorContract } from '../support/operator-contract.js'
import { SCALE } from '../support/seed.js'

interface Item {
  readonly key: string
  readonly n: number
}
const item = (key: string, n: number): Item => ({ key, n })
/** Numbers what comes to one key. */
const tally = (key: string) => scan<Item, string>((text, { n }) => `${text}${n}`, key)

describeOperatorContract('perKey', {
  create: () => perKey(tally),
  inputs: ['a', 'b', 'a', 'c', 'b', 'a'].map(item),
  callbacks: {
    create: fail => ({ operator: perKey<Item, string>(fail), inputs: [item('a', 1)] }),
    refused: fail => ({ operator: perKey(tally, { maxKeys: 1, refused: fail }), inputs: ['a', 'b'].map(item) }),
  },
})

describe('perKey', () => {
  it('keeps the order of arrival across keys', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  -a-b-a-(ba)-|', { a: item('a', 1), b: item('b', 2) })
      const expected = '    -w-x-y-(zv)-|'
      const subscription = '^-----------!'
      const values = { w: 'a1', x: 'b2', y: 'a11', z: 'b22', v: 'a111' }
      expectObservable(source.pipe(perKey(tally))).toBe(expected, values)
      expectSubscriptions(source.subscriptions).toBe(subscription)
    })
  })

  it('creates one pipeline a key, when its first value comes', () => {
    const created: string[] = []
    const operator = perKey<Item, Item>(key => {
      created.push(key)
      return source => source
    })
    const source = new Subject<Item>()
    collect(source.pipe(operator))
    expect(created).toEqual([])
    for (const key of ['x', 'y', 'x', '__proto__', 'constructor', 'y', '__proto__']) source.next(item(key, 0))
    expect(created).toEqual(['x', 'y', '__proto__', 'constructor'])
  })

  it('refuses exactly what has a new key when all places are taken', () => {
    const refused: Item[] = []
    const inputs = ['a', 'b', 'c', 'a', 'c', 'd', 'b'].map(item)
    const seen = collect(from(inputs).pipe(perKey(tally, { maxKeys: 2, refused: value => refused.push(value) })))
    expect(seen.values).toEqual(['a0', 'b1', 'a03', 'b16'])
    expect(refused).toEqual([item('c', 2), item('c', 4), item('d', 5)])
    expect(seen.completed).toBe(true)
  })

  it('takes 10 000 keys unless told otherwise, each with a state of its own', () => {
    const keys = Array.from({ length: 10_001 }, (_, i) => `key ${i}`)
    const refused: string[] = []
    const inputs = [...keys, ...keys].map((key, n) => item(key, n))
    const count = (key: string) => scan<Item, [string, number]>(([, n]) => [key, n + 1], [key, 0])
    const seen = collect(from(inputs).pipe(perKey(count, { refused: ({ key }) => refused.push(key) })))
    const expected = [1, 2].flatMap(n => keys.slice(0, 10_000).map(key => [key, n]))
    expect(seen.values).toEqual(expected)
    expect(refused).toEqual(['key 10000', 'key 10000'])
  })

  it('flushes every key when the source completes', () => {
    const inputs = ['a', 'b', 'a', 'c'].map(item)
    const operator = perKey<Item, number[]>(
      () => source =>
        source.pipe(
          map(({ n }) => n),
          toArray(),
        ),
    )
    const seen = collect(from(inputs).pipe(operator))
    expect(seen).toEqual({ values: [[0, 2], [1], [3]], error: undefined, completed: true })
  })

  it('waits for keys that give their values later than the source completes', () => {
    marbles(({ hot, expectObservable }) => {
      const source = hot('-a-b|', { a: item('a', 1), b: item('b', 2) })
      const expected = '  -----a-----(b|)'
      const slow = (key: string) => (key === 'a' ? delay<Item>(4) : delay<Item>(8))
      expectObservable(
        source.pipe(
          perKey(slow),
          map(({ key }) => key),
        ),
      ).toBe(expected)
    })
  })

  it('X3: goes on with all keys when the pipeline of one fails and catches its own error', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const failures: unknown[] = []
      const strict = map(({ key, n }: Item) => {
        if (n < 0) throw `${key} fails`
        return `${key}${n}`
      })
      const caught = catchError(error => {
        failures.push(error)
        return EMPTY
      })
      const source = hot('  -a-b-x-a-b-|', { a: item('a', 1), b: item('b', 2), x: item('a', -1) })
      const expected = '    -a-b---a-b-|'
      const subscription = '^----------!'
      expectObservable(source.pipe(perKey(() => pipe(strict, caught)))).toBe(expected, { a: 'a1', b: 'b2' })
      expectSubscriptions(source.subscriptions).toBe(subscription)
      queueMicrotask(() => expect(failures).toEqual(['a fails']))
    })
  })

  it('forgets a key whose pipeline has completed, and opens another one for its next value', () => {
    const created: string[] = []
    const operator = perKey<Item, Item>(
      key => {
        created.push(key)
        return key === 'a' ? take(2) : identity
      },
      { maxKeys: 2 },
    )
    const inputs = ['a', 'b', 'a', 'c', 'b', 'a'].map(item)
    const seen = collect(from(inputs).pipe(operator))
    // When c came, the place of a was free; when a came again, none was.
    expect(seen.values).toEqual(inputs.slice(0, 5))
    expect(created).toEqual(['a', 'b', 'c'])
    expect(seen.completed).toBe(true)
  })

  it('X10: closes keys that have fallen silent, with `timeout`, and opens them again', () => {
    marbles(({ hot, expectObservable }) => {
      const source = hot('  a-b-b-b-a-a---|', { a: item('a', 1), b: item('b', 2) })
      const expected = '    a-x-y-z-a-c---|'
      // Anew after five frames without a value: the tally of a begins again, that of b does not.
      const values = { a: 'a1', x: 'b2', y: 'b22', z: 'b222', c: 'a11' }
      const idle = timeout<string, Observable<never>>({ each: 5, with: () => EMPTY })
      const numbered = (key: string): OperatorFunction<Item, string> => pipe(tally(key), idle)
      expectObservable(source.pipe(perKey(numbered))).toBe(expected, values)
    })
  })

  it('X11: gives every value to its key, however many keys are open and whichever end', () => {
    let refused = 0
    const through = perKey<Item, Item>(key => (key.endsWith('7') ? take(3) : identity), {
      maxKeys: 900,
      refused: () => refused++,
    })
    const count = 20_000 * SCALE
    const inputs = Array.from({ length: count }, (_, n) => item(`${(n * 7919) % 1000}`, n))
    const { values, completed } = collect(from(inputs).pipe(through))
    expect([values.length + refused, completed]).toEqual([count, true])
    expect(refused).toBeGreaterThan(0)
    expect(values.every(({ n }, i) => i === 0 || n > values[i - 1]!.n)).toBe(true)
  })

  it('ends in the error of one key and lets go of the others', () => {
    const failure = new Error('of key b')
    const source = new Subject<Item>()
    const operator = perKey<Item, Item>(key => inner => (key === 'b' ? throwError(() => failure) : inner))
    const seen = collect(source.pipe(operator))
    source.next(item('a', 1))
    source.next(item('b', 2))
    expect(seen).toEqual({ values: [item('a', 1)], error: failure, completed: false })
    expect(source.observed).toBe(false)
  })

  const failure = new Error('of the callback')
  const fail = () => {
    throw failure
  }
  it('ends in the error that create throws', () => {
    expect(collect(of(item('a', 1)).pipe(perKey<Item, Item>(fail))).error).toBe(failure)
  })

  it('ends in the error that refused throws', () => {
    const seen = collect(from(['a', 'b'].map(item)).pipe(perKey(tally, { maxKeys: 1, refused: fail })))
    expect(seen).toEqual({ values: ['a0'], error: failure, completed: false })
  })

  it('learns each key as if it were alone', () => {
    const newLearner = () => new Learner({ warmup: 2, window: 4 })
    const [a, b] = [oscillation(12, 'a'), oscillation(12, 'b').map(o => ({ ...o, y: o.y.map(value => value * 100) }))]
    const together = collect(from(a.flatMap((o, i) => [o, b[i]!])).pipe(perKey(() => learn(newLearner())))).values
    for (const [key, observations] of Object.entries({ a, b })) {
      const alone = collect(from(observations).pipe(learn(newLearner()))).values
      expect(together.filter(estimate => estimate.key === key)).toEqual(alone)
    }
  })
})
