import { defer, EMPTY, merge, mergeMap, type Observable, type OperatorFunction, Subject, tap } from 'rxjs'

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
 * @param create Called once a key, with its first value about to come.
 */
export function perKey<T extends { readonly key: string }, R>(
  create: (key: string) => OperatorFunction<T, R>,
  { maxKeys = 10_000, refused, open: known = [] }: PerKeyOptions<T> = {},
): OperatorFunction<T, R> {
  return source =>
    defer(() => {
      const inputs = new Map<string, Subject<T>>()
      const completeAll = () => {
        for (const input of inputs.values()) input.complete()
      }
      const route = (value: T): Observable<R> => {
        const input = inputs.get(value.key)
        if (input) input.next(value)
        else if (inputs.size < maxKeys)
          // Subscribed before it gets its first value.
          return merge(
            open(value.key),
            defer(() => route(value)),
          )
        else refused?.(value)
        return EMPTY
      }
      const open = (key: string): Observable<R> => {
        const input = new Subject<T>()
        inputs.set(key, input)
        return input.pipe(create(key))
      }
      return merge(...known.map(open), source.pipe(tap({ complete: completeAll }), mergeMap(route)))
    })
}
