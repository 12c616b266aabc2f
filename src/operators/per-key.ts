import { Observable, type OperatorFunction, Subject } from 'rxjs'
import { requireOption } from '../require-option.js'
import { takeInTurn } from './take-in-turn.js'

/** How many keys, and what becomes of those beyond. */
export interface PerKeyOptions<T> {
  /** Keys that may be open at the same time. Default 10 000. */
  readonly maxKeys?: number
  /** Gets what has a new key when all places are taken. */
  readonly refused?: (value: T) => void
  /** Keys that are opened at the start, in this order, before anything comes: those of a run that goes on. */
  readonly open?: readonly string[]
}

/**
 * Gives every key a pipeline of its own and merges what they give, in the order of arrival. Unlike `groupBy` the number of
 * keys is bounded and nothing is lost silently.
 *
 *     in            --a1--b1--a2--b2--|
 *     a's pipeline  --A1------A2------|
 *     b's pipeline  ------B1------B2--|
 *     out           --A1--B1--A2--B2--|
 *
 * A key whose pipeline has completed is forgotten: its place is free, and its next value opens a new pipeline. So `timeout` with `EMPTY`
 * closes keys that have fallen silent. An error of one key ends them all, unless its own pipeline catches it:
 *
 *     perKey(key => observations => observations.pipe(learn(newLearner()), catchError(error => (report(key, error), EMPTY))))
 *
 * @param create Called with the key whenever a pipeline is opened, its first value about to come. What it throws ends the stream.
 */
export function perKey<T extends { readonly key: string }, R>(
  create: (key: string) => OperatorFunction<T, R>,
  { maxKeys = 10_000, refused, open: known = [] }: PerKeyOptions<T> = {},
): OperatorFunction<T, R> {
  requireOption('maxKeys', maxKeys, maxKeys >= 1, 'at least 1')
  return source =>
    new Observable(subscriber => {
      const inputs = new Map<string, Subject<T>>()
      /** The source and the pipelines that have not ended. */
      let running = 1
      const end = () => {
        if (--running === 0) subscriber.complete()
      }
      const open = (key: string): Subject<T> => {
        const input = new Subject<T>()
        inputs.set(key, input)
        running++
        const pipeline = create(key)(input)
        const subscription = pipeline.subscribe({
          next: value => subscriber.next(value),
          error: error => subscriber.error(error),
          complete: () => {
            inputs.delete(key)
            end()
          },
        })
        subscriber.add(subscription)
        return input
      }
      const route = (value: T): void => {
        const input = inputs.get(value.key)
        if (input) input.next(value)
        // Subscribed before it gets its first value.
        else if (inputs.size < maxKeys) open(value.key).next(value)
        else refused?.(value)
      }
      try {
        known.forEach(open)
      } catch (error) {
        subscriber.error(error)
      }
      takeInTurn(source, subscriber, {
        next: route,
        complete: () => {
          for (const input of [...inputs.values()]) input.complete()
          end()
        },
      })
    })
}
