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
