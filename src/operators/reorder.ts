import {
  concatMap,
  defer,
  type MonoTypeOperatorFunction,
  merge,
  type Observable,
  ReplaySubject,
  takeUntil,
  tap,
} from 'rxjs'
import type { Observation } from '../observation.js'
import type { Keep } from '../storable.js'
import { emitEach } from './emit-each.js'
import { EventOrder, type EventOrderOptions, requireOrder } from './event-order.js'

/** The options of the order, its state, and when nothing more is to be waited for. */
export interface ReorderOptions extends EventOrderOptions {
  /** The order itself, when it is to outlive a subscription; the other options are its own then. */
  readonly order?: EventOrder
  /** Whenever this emits, all that is held is passed on: a source that has fallen silent holds nothing back. */
  readonly idle?: Observable<unknown>
  /** Gets the order at subscription. */
  readonly keep?: Keep
}

/**
 * Puts observations into the order of their event times. The watermark is the newest time that has come, less the allowed
 * lateness; what is older is released, what comes behind it is late. With a lateness above 0 simultaneous observations come
 * out in one order, however they came in. What is held is bounded by what can arrive within the allowed lateness.
 * Corrections and retractions change what is still held, and are passed on at once when it is not.
 *
 *     in  (lateness 2)   --1--3--2--6-----|
 *     out                -----------(123)-(6|)
 */
export function reorder(options: ReorderOptions = {}): MonoTypeOperatorFunction<Observation> {
  if (options.order === undefined) requireOrder(options)
  return source =>
    defer(() => {
      const { order = new EventOrder(options), idle, keep } = options
      keep?.(order)
      const emit = emitEach(
        (observation: Observation) => order.take(observation),
        () => order.flush(),
      )
      const ordered = source.pipe(emit)
      if (idle === undefined) return ordered
      // A source that ends at once does so before anybody looks.
      const ended = new ReplaySubject<void>(1)
      return merge(
        ordered.pipe(tap({ complete: () => ended.next() })),
        idle.pipe(
          takeUntil(ended),
          concatMap(() => order.flush()),
        ),
      )
    })
}
