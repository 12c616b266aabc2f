import { from, Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { emitEach } from '../../src/operators/emit-each.js'
import { collect, describeOperatorContract } from '../support/operator-contract.js'

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
