import { defer, type MonoTypeOperatorFunction, map } from 'rxjs'
import type { Estimate } from '../estimate.js'
import { Repeats } from '../learn/repeats.js'
import type { Keep } from '../storable.js'

/** Where the state of `markStuck` is kept. */
export interface MarkStuckOptions {
  /** Told of the part that has state to store. */
  readonly keep?: Keep
}

/**
 * Estimate → the same, which names in `stuck` the channels that have repeated one value far longer than they usually do; see `Repeats`. For
 * the estimates of one key; changes nothing else.
 *
 *     estimates  --a--b--b--…--b--c--|
 *     marked     --A--B--B--…--S--C--|
 */
export function markStuck({ keep = () => {} }: MarkStuckOptions = {}): MonoTypeOperatorFunction<Estimate> {
  return source =>
    defer(() => {
      const repeats = new Repeats()
      keep(repeats)
      return source.pipe(
        map(estimate => {
          const stuck = repeats.observe(estimate)
          return stuck.length === 0 ? estimate : { ...estimate, stuck }
        }),
      )
    })
}
