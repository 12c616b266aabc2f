import { type MonoTypeOperatorFunction, Observable, type Subscriber } from 'rxjs'
import { requireOption } from '../require-option.js'
import { takeInTurn } from './take-in-turn.js'

/** Where the state goes. Called between two values, when nothing is half done. */
export interface CheckpointStore {
  /** Takes the state at once; writing it may take longer. */
  save(): void
  /**
   * Resolves when everything has been made of the values passed on; until then the next ones wait, as many as come: a store that
   * takes long stops its source meanwhile. For operators that work elsewhere; without it they are done when a value has been passed on.
   */
  readonly ready?: (() => Promise<void>) | undefined
  /** Is the last checkpoint not there any more? Then one is made when it is due, though nothing has come since. Default false. */
  readonly gone?: boolean
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
  const { every } = options
  if (typeof every === 'number') requireOption('every', every, every >= 1, 'at least 1 value')
  return source =>
    new Observable(subscriber => {
      const cut = new Cut(store, options, subscriber)
      takeInTurn(source, subscriber, {
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
  /** A value is on its way through the operators below, and a checkpoint came due meanwhile. */
  #passing = false
  #late = false
  /** What came while operators below were not ready. */
  #waiting: T[] | undefined
  #ending: (() => void) | undefined

  constructor(store: CheckpointStore, { every }: CheckpointOptions, subscriber: Subscriber<T>) {
    this.#store = store
    this.#subscriber = subscriber
    this.#every = typeof every === 'number' ? every : Number.POSITIVE_INFINITY
    if (typeof every === 'number') return
    subscriber.add(
      every.subscribe({
        next: () => this.#due(),
        error: error => subscriber.error(error),
      }),
    )
  }

  take(value: T): void {
    if (this.#waiting) {
      this.#waiting.push(value)
      return
    }
    this.#since++
    this.#passing = true
    this.#subscriber.next(value)
    this.#passing = false
    if (this.#since >= this.#every || this.#late) this.#save(() => {})
  }

  /** Makes the last checkpoint, then ends. */
  end(pass: () => void): void {
    if (this.#subscriber.closed) return
    if (this.#waiting) this.#ending = pass
    else this.#save(pass)
  }

  /** Between two values: while one is passed on, after it. */
  #due(): void {
    if ((this.#since === 0 && this.#store.gone !== true) || this.#waiting) return
    if (this.#passing) this.#late = true
    else this.#attempt(() => this.#save(() => {}))
  }

  /** What a store throws ends the stream. */
  #attempt(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#subscriber.error(error)
    }
  }

  #save(then: () => void): void {
    if (this.#subscriber.closed) return
    this.#since = 0
    this.#late = false
    const { ready } = this.#store
    if (ready === undefined) {
      this.#store.save()
      then()
      return
    }
    this.#waiting = []
    ready().then(
      () => this.#attempt(() => this.#resume(then)),
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
    for (const value of waiting) if (!this.#subscriber.closed) this.take(value)
    if (ending) this.end(ending)
  }
}
