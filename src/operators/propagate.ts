import {
  concatMap,
  defer,
  map,
  merge,
  NEVER,
  type Observable,
  type OperatorFunction,
  ReplaySubject,
  takeUntil,
  tap,
} from 'rxjs'
import type { Prediction } from '../estimate.js'
import type { Learner } from '../learn/learner.js'
import type { Observation } from '../observation.js'
import { requireOption } from '../require-option.js'

/** The grid, and how much of it may come at once. */
export interface PropagateOptions {
  /** Seconds of event time between grid times, which are its multiples. */
  readonly every: number
  /** Grid times after one observation, at most; what comes after them until the next observation is left out. Default 1000. */
  readonly most?: number
  /** With intervals, which cost milliseconds a grid time. Default false. */
  readonly intervals?: boolean
  /**
   * Event times that have been reached although nothing has come, e.g. from a timer; the grid is emitted up to there. Default never:
   * the grid between two observations comes when the second one does.
   */
  readonly now?: Observable<number>
  /** Gets the number of grid times left out. */
  readonly skipped?: (count: number) => void
}

/** The channels at a grid time between two observations. */
export interface Propagated extends Prediction {
  /** Which stream it belongs to. */
  readonly key: string
  /** Event time of the last observation that it knows of, seconds. */
  readonly since: number
}

/**
 * Observation of one key → the state between arrivals, in the units of the channels, on a grid of event times: as predicted from
 * everything before them. Stands beside `learn` on the same stream and before it, so that it is asked before the learner knows more:
 *
 *     observations.pipe(connect(o => merge(o.pipe(propagate(learner, { every: 1 })), o.pipe(learn(learner)))))
 *
 *     observations (every 2)   --1----------5.5---------6--|
 *     out                      ----------(2 4)---------6--|
 *
 * Nothing comes during the warm-up, and nothing behind the last observation unless `now` says that time has gone on. Changes
 * nothing in the learner. Ends with the source.
 */
export function propagate(
  learner: Learner,
  { every, most = 1000, intervals = false, now = NEVER, skipped }: PropagateOptions,
): OperatorFunction<Observation, Propagated> {
  requireOption('every', every, every > 0 && Number.isFinite(every), 'seconds, more than 0')
  requireOption('most', most, most >= 0, 'a number of grid times, 0 or more')
  return source =>
    defer(() => {
      // A source that ends at once does so before anybody looks.
      const ended = new ReplaySubject<void>(1)
      let key: string | undefined
      /** Last grid time that was emitted or left out, and how many were since the last observation. */
      let [done, count, since] = [Number.NEGATIVE_INFINITY, 0, Number.NaN]

      const until = (end: number): Propagated[] => {
        if (!learner.ready || key === undefined) return []
        const { time } = learner
        // A source whose clock was set back begins a new grid.
        if (time !== since) [done, count, since] = [time < since ? time : Math.max(done, time), 0, time]
        const times = gridBetween(done, end, every, most - count)
        const last = Math.floor(end / every) * every
        const left = Math.round((last - (times.at(-1) ?? done)) / every)
        count += times.length
        if (count === most && left > 0) skipped?.(left)
        done = Math.max(done, last, times.at(-1) ?? done)
        if (times.length === 0) return []
        return learner.predict(times, { intervals }).map(prediction => ({ key: key!, ...prediction, since: time }))
      }
      return merge(
        source.pipe(
          tap({
            next: observation => {
              key = observation.key
            },
            complete: () => ended.next(),
          }),
          map(({ t }) => t),
        ),
        now.pipe(takeUntil(ended)),
      ).pipe(concatMap(until))
    })
}

/** Multiples of `every` in (from, to], the first `most` of them. */
function gridBetween(from: number, to: number, every: number, most: number): number[] {
  const times: number[] = []
  let index = Math.floor(from / every)
  while (index * every <= from) index++
  for (; times.length < most && index * every <= to; index++) times.push(index * every)
  return times
}
