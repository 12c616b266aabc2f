import { type Observable, Subject, type Subscriber, takeUntil } from 'rxjs'

/** What becomes of the notifications of a source. */
export interface TakeInTurnOptions<T> {
  /** Takes a value. What it throws ends the stream of the subscriber. */
  readonly next: (value: T) => void
  /** After the last value. What it throws ends the stream of the subscriber, too. */
  readonly complete: () => void
  /** Default: the subscriber gets the error, after what waits. */
  readonly error?: (error: unknown) => void
}

/**
 * Subscribes to a source for the subscriber of an operator, and takes its notifications one after the other: what comes while
 * something is taken, from a consumer that feeds the source, waits its turn. So the order is that of a source that nobody feeds, and
 * a loop of a million rounds needs no stack. A source that emits inside its own subscription is stopped like any other.
 *
 *     source, fed with 2 while 1 is taken   --1(2)--|
 *     next is called with                   --(12)--|
 */
export function takeInTurn<T>(
  source: Observable<T>,
  subscriber: Subscriber<never>,
  options: TakeInTurnOptions<T>,
): void {
  const { next, complete, error = failure => subscriber.error(failure) } = options
  let waiting: T[] = []
  let busy = false
  let end: (() => void) | undefined

  const finish = (): void => {
    if (end === undefined || busy || subscriber.closed) return
    try {
      end()
    } catch (failure) {
      subscriber.error(failure)
    }
  }
  const take = (value: T): void => {
    if (busy) {
      waiting.push(value)
      return
    }
    busy = true
    try {
      next(value)
      while (waiting.length > 0 && !subscriber.closed) {
        const batch = waiting
        waiting = []
        for (const following of batch) if (!subscriber.closed) next(following)
      }
    } catch (failure) {
      subscriber.error(failure)
    }
    busy = false
    finish()
  }
  const endWith = (act: () => void): void => {
    end = act
    finish()
  }

  // There is nothing to unsubscribe from while a source emits inside its own subscription.
  const left = new Subject<void>()
  subscriber.add(() => left.next())
  source.pipe(takeUntil(left)).subscribe({
    next: take,
    error: failure => endWith(() => error(failure)),
    complete: () => endWith(complete),
  })
}
