import type { Subscriber } from 'rxjs'
import { SLICE } from './slice.js'
import type { Valve } from './valve.js'

/** What emptying needs of the world. */
export interface DrainContext {
  /** Nothing is passed on while it is closed. */
  readonly valve: Valve
  /** Calls back when others have had their turn. */
  readonly schedule: (turn: () => void) => void
  /** Milliseconds that never go back. */
  readonly now: () => number
}

/** Values that are passed on in one turn, unless they take longer than a slice: one may take long to learn. */
const TURN = 16

/** Passes values on in turns until there are none, with at most one turn scheduled, so that sockets and timers get theirs. */
export class Drain<T> {
  readonly #subscriber: Subscriber<T>
  readonly #next: () => T | undefined
  readonly #context: DrainContext
  #scheduled = false
  #finish: (() => void) | undefined

  constructor(subscriber: Subscriber<T>, next: () => T | undefined, context: DrainContext) {
    this.#subscriber = subscriber
    this.#next = next
    this.#context = context
  }

  wake(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#context.schedule(() => this.#turn())
  }

  /** When nothing waits any more. */
  end(finish: () => void): void {
    this.#finish = finish
    this.wake()
  }

  #turn(): void {
    const { valve, now } = this.#context
    const end = now() + SLICE
    for (let n = 0; n < TURN && (n === 0 || now() < end); n++) {
      if (this.#subscriber.closed) return
      if (!valve.open) {
        valve.whenOpen(() => this.#context.schedule(() => this.#turn()))
        return
      }
      const value = this.#next()
      if (value === undefined) {
        this.#scheduled = false
        this.#finish?.()
        return
      }
      this.#subscriber.next(value)
    }
    this.#context.schedule(() => this.#turn())
  }
}
