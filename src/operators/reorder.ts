import { type MonoTypeOperatorFunction, Observable } from 'rxjs'
import { compareObservations, type Observation } from '../observation.js'

export interface ReorderOptions {
  /** Seconds an observation may be older than the newest one that has come. Default 0: only its own order is kept. */
  readonly allowedLateness?: number
  /** Gets what comes behind the watermark; without it, such observations are dropped. */
  readonly late?: (observation: Observation) => void
}

/**
 * Puts observations into the order of their event times. The watermark is the newest time that has come, less the allowed
 * lateness; what is older is released, what comes behind it is late. Simultaneous observations come out in one order,
 * however they came in. What is held is bounded by what can arrive within the allowed lateness.
 *
 *     in  (lateness 2)   --1--3--2--6-----|
 *     out                --------12-3---6|
 */
export function reorder(options: ReorderOptions = {}): MonoTypeOperatorFunction<Observation> {
  const { allowedLateness = 0, late } = options
  return source =>
    new Observable(subscriber => {
      /** Ascending. */
      const held: Observation[] = []
      let newest = Number.NEGATIVE_INFINITY

      const release = (watermark: number) => {
        let count = 0
        while (count < held.length && held[count]!.t <= watermark) count++
        for (const observation of held.splice(0, count)) subscriber.next(observation)
      }
      return source.subscribe({
        next(observation) {
          if (observation.t < newest - allowedLateness) return late?.(observation)
          insert(held, observation)
          newest = Math.max(newest, observation.t)
          release(newest - allowedLateness)
        },
        error: error => subscriber.error(error),
        complete() {
          release(Number.POSITIVE_INFINITY)
          subscriber.complete()
        },
      })
    })
}

/** From the end: observations come almost in order. */
function insert(held: Observation[], observation: Observation): void {
  let at = held.length
  while (at > 0 && compareObservations(held[at - 1]!, observation) > 0) at--
  held.splice(at, 0, observation)
}
