import { type MonoTypeOperatorFunction, Observable, Subject, type Subscriber, takeUntil } from 'rxjs'

/** Where the state goes. Called between two values, when nothing is half done. */
export interface CheckpointStore {
  /** Takes the state at once; writing it may take longer. */
  save(): void
  /**
   * Resolves when everything has been made of the values passed on; until then the next ones wait. For operators that work
   * elsewhere; without it they are done when a value has been passed on.
   */
  readonly ready?: (() => Promise<void>) | undefined
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
export function checkpoint<T>(store: CheckpointStore, options: CheckpointOptions): MonoTypeOperatorFunction<T> {
  return source =>
    new Observable(subscriber => {
      const cut = new Cut(store, options, subscriber)
      // Also while a source emits inside its own subscription, when there is nothing yet to unsubscribe from.
      const left = new Subject<void>()
      subscriber.add(() => left.next())
      source.pipe(takeUntil(left)).subscribe({
        next: value => cut.take(value),
        error: error => cut.end(() => subscriber.error(error)), // the values before it are as good as ever
        complete: () => cut.end(() => subscriber.complete()),
      })
    })
}

/** Values on their way past the place where checkpoints are made. */
class Cut<T> {
  readonly #store: CheckpointStore
  readonly #every: number
  readonly #subscriber: Subscriber<T>
  /** Values passed on since the last checkpoint. */
  #since = 0
  /** What came while operators below were not ready. */
  #waiting: T[] | undefined
  #ending: (() => void) | undefined

  constructor(store: CheckpointStore, { every }: CheckpointOptions, subscriber: Subscriber<T>) {
    this.#store = store
    this.#subscriber = subscriber
    this.#every = typeof every === 'number' ? every : Number.POSITIVE_INFINITY
    if (typeof every === 'number') return
    subscriber.add(
      every.subscribe(() => {
        if (this.#since > 0 && !this.#waiting) this.#save(() => {})
      }),
    )
  }

  take(value: T): void {
    if (this.#waiting) {
      this.#waiting.push(value)
      return
    }
    this.#subscriber.next(value)
    if (++this.#since === this.#every) this.#save(() => {})
  }

  /** Makes the last checkpoint, then ends. */
  end(pass: () => void): void {
    if (this.#subscriber.closed) return
    if (this.#waiting) this.#ending = pass
    else this.#save(pass)
  }

  #save(then: () => void): void {
    this.#since = 0
    const { ready } = this.#store
    if (ready === undefined) {
      this.#store.save()
      then()
      return
    }
    this.#waiting = []
    ready().then(
      () => this.#resume(then),
      error => this.#subscriber.error(error),
    )
  }

  #resume(then: () => void): void {
    if (this.#subscriber.closed) return
    this.#store.save()
    const waiting = this.#waiting!
    const ending = this.#ending
    this.#waiting = undefined
    this.#ending = undefined
    then()
    for (const value of waiting) this.take(value)
    if (ending) this.end(ending)
  }
}
