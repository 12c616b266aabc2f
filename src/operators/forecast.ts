import { defer, filter, map, type OperatorFunction } from 'rxjs'
import type { Estimate, Forecast } from '../estimate.js'
import type { Learner } from '../learn/learner.js'
import { requireCount, requireOption } from '../require-option.js'
import type { Keep } from '../storable.js'

/** When to look ahead, how far, and at how many times. */
export interface ForecastOptions {
  /** Seconds of event time between two forecasts; 0 makes one after every observation. */
  readonly every: number
  /** How far ahead, seconds. */
  readonly horizon: number
  /** At how many equally spaced times up to the horizon. Default 1: the horizon itself. */
  readonly points?: number
  /** Gets the state at subscription: when the next forecast is due. */
  readonly keep?: Keep
}

/**
 * Estimate → forecast, whenever `every` seconds of event time have passed since the last one. Changes nothing in the learner.
 *
 *     estimates (every 2)   --0--1--2--3--4--|
 *     forecasts             --F-----F-----F--|
 *
 * Nothing comes during the warm-up. Cost: `points` predictions with intervals a forecast, see `Learner.predict`.
 * @param learner The one whose estimates these are: it is asked where it stands.
 * @throws ContraflowError OPTION_INVALID for times that are not positive and a number of points that is not whole.
 */
export function forecast(learner: Learner, options: ForecastOptions): OperatorFunction<Estimate, Forecast> {
  const { every, horizon, points = 1, keep } = options
  requireOption('every', every, every >= 0, 'seconds, 0 or more')
  requireOption('horizon', horizon, horizon > 0 && Number.isFinite(horizon), 'seconds, more than 0')
  requireCount('points', points)
  return source =>
    defer(() => {
      let due = Number.NEGATIVE_INFINITY
      keep?.({
        save: () => due,
        restore: saved => {
          due = saved.number
        },
      })
      return source.pipe(
        filter(({ t, revision }) => t >= due && revision === undefined && learner.ready),
        map(({ key, t }) => {
          due = t + every
          return forecastOf(learner, key, { from: t, horizon, points })
        }),
      )
    })
}

/** One forecast, made now. @param from Default: the time of the last observation. */
export function forecastOf(
  learner: Learner,
  key: string,
  { from = learner.time, horizon, points = 1 }: Omit<ForecastOptions, 'every'> & { readonly from?: number },
): Forecast {
  const times = Array.from({ length: points }, (_, i) => from + ((i + 1) / points) * horizon)
  return { key, t: from, forecast: learner.predict(times) }
}
