import { Observable, type OperatorFunction, Subject, type Subscription } from 'rxjs'

export interface PerKeyOptions<T> {
  /** Keys that may be open at the same time. Default 10 000. */
  readonly maxKeys?: number
  /** Gets what has a new key when all places are taken. */
  readonly refused?: (value: T) => void
}

/**
 * Gives every key a pipeline of its own and merges what they give, in the order of arrival. Unlike `groupBy` the number of
 * keys is bounded and nothing is lost silently.
 * @param create Called once a key, with its first value about to come.
 */
export function perKey<T extends { readonly key: string }, R>(
  create: (key: string) => OperatorFunction<T, R>,
  { maxKeys = 10_000, refused }: PerKeyOptions<T> = {},
): OperatorFunction<T, R> {
  return source =>
    new Observable(subscriber => {
      const inputs = new Map<string, Subject<T>>()
      const open = (key: string): Subject<T> => {
        const input = new Subject<T>()
        inputs.set(key, input)
        const inner: Subscription = input.pipe(create(key)).subscribe({
          next: value => subscriber.next(value),
          error: error => subscriber.error(error),
        })
        subscriber.add(inner)
        return input
      }
      return source.subscribe({
        next(value) {
          const input = inputs.get(value.key) ?? (inputs.size < maxKeys ? open(value.key) : undefined)
          if (input) input.next(value)
          else refused?.(value)
        },
        error: error => subscriber.error(error),
        complete() {
          for (const input of inputs.values()) input.complete()
          subscriber.complete()
        },
      })
    })
}
