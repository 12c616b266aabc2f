import type { Decoded, FrameOrigin } from '../../../src/config/decoders/decoder.js'
import type { Delivery, FeedContext, FeedPosition } from '../feed.js'

/** Gets what frames hold. */
interface DeliveryObserver {
  next(delivery: Delivery): void
}

/** Where a live feed stands with a frame. */
export type FramePosition = Pick<FeedPosition, 'message' | 'sequence'>

/**
 * Decodes the frames of a live feed and passes on what they hold, in the order in which they came: at once when the decoder
 * answers at once, else one after the other.
 */
export class FrameReader {
  readonly #context: FeedContext
  readonly #subscriber: DeliveryObserver
  /** Resolves when the frames before have been passed on; undefined when they have. */
  #busy: Promise<void> | undefined
  #waiting = 0
  #left = false

  constructor(context: FeedContext, subscriber: DeliveryObserver) {
    this.#context = context
    this.#subscriber = subscriber
  }

  /** Frames that have not been passed on yet. */
  get waiting(): number {
    return this.#waiting
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.#busy) await this.#busy
  }

  /** Nobody listens any more: what is being read is not passed on, and what waits is not read. */
  leave(): void {
    this.#left = true
  }

  take(frame: string, origin: FrameOrigin, position: FramePosition): void {
    this.#context.onFrame?.(frame, origin)
    if (this.#busy === undefined) {
      const decoded = this.#context.decoder.read(frame, origin)
      if (!(decoded instanceof Promise)) this.#deliver(decoded, position)
      else this.#wait(decoded, position)
    } else {
      this.#wait(
        this.#busy.then(() => (this.#left ? [] : this.#context.decoder.read(frame, origin))),
        position,
      )
    }
  }

  #wait(decoded: Promise<readonly Decoded[]>, position: FramePosition): void {
    this.#waiting++
    const done = decoded.then(values => {
      this.#waiting--
      if (this.#busy === done) this.#busy = undefined
      this.#deliver(values, position)
    })
    this.#busy = done
  }

  #deliver(values: readonly Decoded[], { message, sequence }: FramePosition): void {
    for (let i = 0; i < values.length && !this.#left; i++) {
      const position: FeedPosition =
        sequence === undefined ? { message, values: i + 1 } : { message, values: i + 1, sequence }
      this.#subscriber.next({ value: values[i]!, position })
    }
  }
}
