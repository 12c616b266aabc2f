import { defer, type MonoTypeOperatorFunction } from 'rxjs'
import type { Observation } from '../observation.js'
import type { Keep } from '../storable.js'
import { emitEach } from './emit-each.js'
import { UnitDoubt, type WrongUnit } from './unit-doubt.js'

/** What becomes of times in another unit. */
export interface SameUnitOptions {
  /** Gets what is off by a power of 1000, and by which; without it, it is dropped. */
  readonly refused?: (observation: Observation, wrong: WrongUnit) => void
  /** Gets the state at subscription. */
  readonly keep?: Keep
}

/**
 * Takes out observations of one key whose times are in another unit than those before: off by a power of 1000. One that may as
 * well come after a long pause is held until the next ones have said which it was.
 *
 *     in    --8--9--10--11000--12000--13--14--|
 *     out   --8--9--10-----------------13--14--|
 */
export function sameUnit({ refused, keep }: SameUnitOptions = {}): MonoTypeOperatorFunction<Observation> {
  return source =>
    defer(() => {
      const doubt = new UnitDoubt(refused)
      keep?.(doubt)
      const emit = emitEach(
        (observation: Observation) => doubt.take(observation),
        () => doubt.flush(),
      )
      return source.pipe(emit)
    })
}
