import { concat, concatMap, defer, type MonoTypeOperatorFunction } from 'rxjs'
import { compareObservations, type Observation } from '../observation.js'
import { restoreObservation, saveObservation } from '../saved-observation.js'
import type { Keep } from '../storable.js'

/** How late observations may come, and what becomes of later ones. */
export interface ReorderOptions {
  /** Seconds an observation may be older than the newest one that has come. Default 0: what comes in order is passed on at once. */
  readonly allowedLateness?: number
  /** Gets what comes behind the watermark; without it, such observations are dropped. */
  readonly late?: (observation: Observation) => void
  /** Gets the state at subscription: what is held, and the newest time. */
  readonly keep?: Keep
}

/**
 * Puts observations into the order of their event times. The watermark is the newest time that has come, less the allowed
 * lateness; what is older is released, what comes behind it is late. With a lateness above 0 simultaneous observations come
 * out in one order, however they came in. What is held is bounded by what can arrive within the allowed lateness.
 *
 *     in  (lateness 2)   --1--3--2--6-----|
 *     out                -----------(123)-(6|)
 */
export function reorder(options: ReorderOptions = {}): MonoTypeOperatorFunction<Observation> {
  const { allowedLateness = 0, late, keep } = options
  return source =>
    defer(() => {
      /** Ascending. */
      const held: Observation[] = []
      let newest = Number.NEGATIVE_INFINITY

      keep?.({
        save: () => ({ newest, held: held.map(saveObservation) }),
        restore: saved => {
          newest = saved.at('newest').number
          held.splice(0, held.length, ...saved.at('held').list.map(restoreObservation))
        },
      })

      const release = (observation: Observation): Observation[] => {
        if (observation.t < newest - allowedLateness) {
          late?.(observation)
          return []
        }
        insert(held, observation)
        newest = Math.max(newest, observation.t)
        // More of the time of the watermark itself may still come; without lateness nothing is worth waiting for.
        const waiting = allowedLateness > 0 ? held.findIndex(({ t }) => t >= newest - allowedLateness) : held.length
        return held.splice(0, waiting)
      }
      return concat(
        source.pipe(concatMap(release)),
        defer(() => held),
      )
    })
}

/** From the end: observations come almost in order. */
function insert(held: Observation[], observation: Observation): void {
  let at = held.length
  while (at > 0 && compareObservations(held[at - 1]!, observation) > 0) at--
  held.splice(at, 0, observation)
}
