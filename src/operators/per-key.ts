import { Observable, type OperatorFunction, Subject, takeUntil } from 'rxjs'

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
    new Observable(subscriber => {
      const inputs = new Map<string, Subject<T>>()
      /** The source and the pipelines that have not ended. */
      let running = 1
      const end = () => {
        if (--running === 0) subscriber.complete()
      }
      const fail = (error: unknown) => subscriber.error(error)
      const open = (key: string): Subject<T> => {
        const input = new Subject<T>()
        inputs.set(key, input)
        running++
        const pipeline = input.pipe(create(key))
        subscriber.add(pipeline.subscribe({ next: value => subscriber.next(value), error: fail, complete: end }))
        return input
      }
      const route = (value: T): void => {
        const input = inputs.get(value.key)
        if (input) input.next(value)
        // Subscribed before it gets its first value.
        else if (inputs.size < maxKeys) open(value.key).next(value)
        else refused?.(value)
      }
      const trying = (act: () => void): void => {
        try {
          act()
        } catch (error) {
          fail(error)
        }
      }
      const left = new Subject<void>()
      subscriber.add(() => left.next())
      trying(() => known.forEach(open))
      source.pipe(takeUntil(left)).subscribe({
        next: value => trying(() => route(value)),
        error: fail,
        complete: () => {
          for (const input of inputs.values()) input.complete()
          end()
        },
      })
    })
}
