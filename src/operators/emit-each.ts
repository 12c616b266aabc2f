import { Observable, type OperatorFunction, Subject, type Subscriber, takeUntil } from 'rxjs'

/**
 * Passes on what each value gives, and at the end what is left: `concatMap` for functions that answer at once, without a
 * subscription for every value. What comes while something is being passed on waits its turn.
 */
export function emitEach<T, R>(take: (value: T) => Iterable<R>, flush: () => Iterable<R>): OperatorFunction<T, R> {
  return source =>
    new Observable(subscriber => {
      const emitter = new Emitter(take, flush, subscriber)
      // Also while a source emits inside its own subscription, when there is nothing yet to unsubscribe from.
      const left = new Subject<void>()
      subscriber.add(() => left.next())
      source.pipe(takeUntil(left)).subscribe({
        next: value => emitter.next(value),
        error: error => subscriber.error(error),
        complete: () => emitter.end(),
      })
    })
}

class Emitter<T, R> {
  readonly #take: (value: T) => Iterable<R>
  readonly #flush: () => Iterable<R>
  readonly #subscriber: Subscriber<R>
  readonly #waiting: T[] = []
  #busy = false
  #ended = false

  constructor(take: (value: T) => Iterable<R>, flush: () => Iterable<R>, subscriber: Subscriber<R>) {
    this.#take = take
    this.#flush = flush
    this.#subscriber = subscriber
  }

  next(value: T): void {
    if (this.#busy) {
      this.#waiting.push(value)
      return
    }
    this.#busy = true
    this.#pass(this.#take, value)
    while (this.#waiting.length > 0 && !this.#subscriber.closed) this.#pass(this.#take, this.#waiting.shift()!)
    this.#busy = false
    if (this.#ended) this.end()
  }

  end(): void {
    this.#ended = true
    if (this.#busy || this.#subscriber.closed) return
    this.#pass(this.#flush, undefined)
    this.#subscriber.complete()
  }

  #pass<V>(results: (value: V) => Iterable<R>, value: V): void {
    try {
      for (const result of results(value)) {
        if (this.#subscriber.closed) return
        this.#subscriber.next(result)
      }
    } catch (error) {
      this.#subscriber.error(error)
    }
  }
}
