import { Observable, type OperatorFunction } from 'rxjs'
import { takeInTurn } from './take-in-turn.js'

/**
 * Passes on what each value gives, and at the end what is left: `concatMap` for functions that answer at once, without a
 * subscription for every value. What comes while something is being passed on waits its turn. Ends in what either of them throws.
 *
 *     in (pairs)   --1--2--3--|
 *     out          -----(12)--(3|)
 */
export function emitEach<T, R>(take: (value: T) => Iterable<R>, flush: () => Iterable<R>): OperatorFunction<T, R> {
  return source =>
    new Observable(subscriber => {
      const pass = (results: Iterable<R>): void => {
        for (const result of results) {
          if (subscriber.closed) return
          subscriber.next(result)
        }
      }
      takeInTurn(source, subscriber, {
        next: value => pass(take(value)),
        complete: () => {
          pass(flush())
          subscriber.complete()
        },
      })
    })
}
