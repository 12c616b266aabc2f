import fc from 'fast-check'
import { from, Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { emitEach } from '../../src/operators/emit-each.js'
import { collect, describeOperatorContract } from '../support/operator-contract.js'
import { SCALE } from '../support/seed.js'

const twice = (n: number) => [n, -n]

describeOperatorContract('emitEach', {
  create: () =>
    emitEach(
      n => [n],
      () => [],
    ),
  inputs: [1, 2, 3, 4],
  callbacks: {
    take: fail => ({ operator: emitEach(fail, () => []), inputs: [1, 2] }),
    flush: fail => ({ operator: emitEach(twice, fail), inputs: [1] }),
  },
})

describe('emitEach', () => {
  it('passes on what each value gives, and at the end what is left', () => {
    const held: number[] = []
    const pairs = emitEach(
      (n: number) => (held.push(n) < 2 ? [] : held.splice(0)),
      () => held,
    )
    expect(collect(from([1, 2, 3]).pipe(pairs))).toEqual({ values: [1, 2, 3], error: undefined, completed: true })
  })

  it('lets what comes while something is passed on wait its turn, the end too', () => {
    const source = new Subject<number>()
    const values: (number | string)[] = []
    source.pipe(emitEach(twice, () => [0])).subscribe({
      next: value => {
        values.push(value)
        if (value !== 1) return
        source.next(2)
        source.complete()
      },
      complete: () => values.push('end'),
    })
    source.next(1)
    expect(values).toEqual([1, -1, 2, -2, 0, 'end'])
  })

  it('X12: gives every consumer the same order, though one of them feeds the source', () => {
    const source = new Subject<number>()
    const [first, second]: [number[], number[]] = [[], []]
    const shared = new Subject<number>()
    shared.subscribe(value => {
      first.push(value)
      if (value < 3) source.next(value + 1)
    })
    shared.subscribe(value => second.push(value))
    const once = emitEach<number, number>(
      n => [n],
      () => [],
    )
    source.pipe(once).subscribe(shared)
    source.next(1)
    expect([first, second]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ])
  })

  it('X12: gives the order of a source that nobody feeds, whenever its consumer feeds it and however much', () => {
    // What each value gives, and how many values the consumer feeds at each output, over and over.
    const given = fc.array(fc.nat(3), { maxLength: 30 })
    const fed = fc.array(fc.nat(3), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(given, fed, (outputs, feeds) => {
        const source = new Subject<number>()
        const give = emitEach<number, string>(
          n => Array.from({ length: outputs[n]! }, (_, k) => `${n}.${k}`),
          () => ['end'],
        )
        const alone = collect(from(outputs.keys()).pipe(give)).values
        let next = 0
        const feed = () => {
          if (next < outputs.length) source.next(next++)
        }
        const values: string[] = []
        source.pipe(give).subscribe(value => {
          values.push(value)
          for (let k = feeds[values.length % feeds.length]!; k > 0; k--) feed()
        })
        while (next < outputs.length) feed()
        source.complete()
        expect(values).toEqual(alone)
      }),
      { numRuns: 200 * SCALE },
    )
  })

  it('X13: goes round a loop a million times without a stack', () => {
    const source = new Subject<number>()
    const next = emitEach<number, number>(
      n => [n + 1],
      () => [],
    )
    let rounds = 0
    const seen = { error: undefined as unknown }
    source.pipe(next).subscribe({
      next: n => {
        rounds = n
        if (n < 1_000_000) source.next(n)
      },
      error: error => {
        seen.error = error
      },
    })
    source.next(0)
    expect([rounds, seen.error]).toEqual([1_000_000, undefined])
  })

  it('takes nothing of a generator that nobody wants any more', () => {
    let made = 0
    const endless = emitEach(
      function* () {
        for (;;) yield made++
      },
      () => [],
    )
    const source = new Subject<number>()
    const subscription = source.pipe(endless).subscribe(value => {
      if (value === 2) subscription.unsubscribe()
    })
    source.next(0)
    expect(made).toBe(4)
  })
})
