import { Fifo } from '../../overflow/fifo.js'
import { SLICE } from '../../overflow/slice.js'
import type { Clock } from '../../time/clock.js'

/** What a queue of frames needs of the world. */
export interface FrameQueueOptions {
  readonly clock: Clock
  /** Uses a frame. */
  readonly take: (frame: string) => void
  /** May a frame be taken? Asked before and after every frame; whoever says no calls `wake` when it is over. */
  readonly ready: () => boolean
  /** Told when so much waits that no more should come, and when it is few enough again. */
  readonly full: (now: boolean) => void
}

/** Characters that may wait before the source has to. */
const MOST_WAITING = 64 << 10

/**
 * Frames on their way from a socket to a decoder. All that came in one piece is taken in one turn of the event loop, unless that
 * takes longer than a slice: the rest waits for the next turn, so that a burst of a thousand keeps nobody waiting.
 */
export class FrameQueue {
  readonly #options: FrameQueueOptions
  readonly #frames = new Fifo<string>()
  #characters = 0
  #full = false
  #scheduled = false
  #empty: (() => void)[] = []

  constructor(options: FrameQueueOptions) {
    this.#options = options
  }

  push(frame: string): void {
    this.#frames.push(frame)
    this.#characters += frame.length
    if (this.#scheduled) return
    this.#scheduled = true
    // When all of this piece has come: before anything else happens.
    queueMicrotask(this.#turn)
  }

  /** Nothing is in the way any more. */
  wake(): void {
    if (this.#scheduled || this.#frames.length === 0) return
    this.#scheduled = true
    setImmediate(this.#turn)
  }

  /** Resolves when nothing waits. */
  idle(): Promise<void> {
    return new Promise(resolve => {
      if (this.#frames.length === 0) resolve()
      else this.#empty.push(resolve)
    })
  }

  /** Forgets what waits. */
  clear(): void {
    this.#frames.clear()
    this.#characters = 0
    this.#settle()
  }

  readonly #turn = (): void => {
    this.#scheduled = false
    const { clock, take, ready } = this.#options
    const end = clock.now() + SLICE
    let going = ready()
    while (going && this.#frames.length > 0) {
      const frame = this.#frames.shift()
      this.#characters -= frame.length
      take(frame)
      going = ready()
      if (clock.now() >= end) break
    }
    this.#settle()
    if (going) this.wake()
  }

  #settle(): void {
    if (this.#frames.length === 0) {
      const waiting = this.#empty
      this.#empty = []
      for (const resolve of waiting) resolve()
    }
    const full = this.#characters > (this.#full ? MOST_WAITING / 2 : MOST_WAITING)
    if (full === this.#full) return
    this.#full = full
    this.#options.full(full)
  }
}
