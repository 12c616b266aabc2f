import { type MonoTypeOperatorFunction, Observable, Subject, takeUntil } from 'rxjs'

/** Where the state goes. Called between two values, when nothing is half done. */
export interface CheckpointStore {
  /** Takes the state at once; writing it may take longer. */
  save(): void
}

/** When a checkpoint is made. */
export interface CheckpointOptions {
  /** After so many values, or whenever this emits and something has come since the last one. */
  readonly every: number | Observable<unknown>
}

/**
 * Passes everything on, and makes a checkpoint between two values, and one at the end, good or bad, before that is passed on: what operators
 * below hold back is still held then, so that a longer stream later goes on as if it had never ended. Belongs above all
 * operators whose state is stored.
 *
 *     values (every 2)   --a--b--c--d--e--|
 *     passed on          --a--b--c--d--e--|
 *     saved              -----^-----^-----^
 */
export function checkpoint<T>(store: CheckpointStore, { every }: CheckpointOptions): MonoTypeOperatorFunction<T> {
  return source =>
    new Observable(subscriber => {
      let since = 0
      const save = () => {
        since = 0
        store.save()
      }
      if (typeof every !== 'number')
        subscriber.add(
          every.subscribe(() => {
            if (since > 0) save()
          }),
        )
      // Also while a source emits inside its own subscription, when there is nothing yet to unsubscribe from.
      const left = new Subject<void>()
      subscriber.add(() => left.next())
      source.pipe(takeUntil(left)).subscribe({
        next: value => {
          subscriber.next(value)
          if (++since === every) save()
        },
        error: error => {
          save() // the values before it are as good as ever
          subscriber.error(error)
        },
        complete: () => {
          if (subscriber.closed) return
          save()
          subscriber.complete()
        },
      })
    })
}
