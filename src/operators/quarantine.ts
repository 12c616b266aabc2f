import { defer, type MonoTypeOperatorFunction } from 'rxjs'
import type { Observation } from '../observation.js'
import type { Keep } from '../storable.js'
import { emitEach } from './emit-each.js'
import { FarFuture, requireAhead } from './far-future.js'

/** How far ahead is too far, and what becomes of it. */
export interface QuarantineOptions {
  /** Seconds that an observation may be ahead of all before it without a second one. Default 30 days. */
  readonly maxAhead?: number
  /** The state, when it is to outlive a subscription; the other options are its own then. */
  readonly farFuture?: FarFuture
  /** Gets what the next observation did not bear out; without it, it is dropped. */
  readonly refused?: (observation: Observation) => void
  /** Gets the state at subscription. */
  readonly keep?: Keep
}

/**
 * Holds an observation of one key that is far ahead of all before it until the next one confirms that time has gone there.
 *
 *     in  (at most 5 ahead)   --1--90--2--3--80--81--|
 *     out                     --1------2--3------(80 81)--|
 */
export function quarantine(options: QuarantineOptions = {}): MonoTypeOperatorFunction<Observation> {
  const { maxAhead = MONTH, refused, keep } = options
  requireAhead(maxAhead)
  return source =>
    defer(() => {
      const { farFuture = new FarFuture(maxAhead, refused) } = options
      keep?.(farFuture)
      const emit = emitEach(
        (observation: Observation) => farFuture.take(observation),
        () => farFuture.flush(),
      )
      return source.pipe(emit)
    })
}

const MONTH = 30 * 86_400
