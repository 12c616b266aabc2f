import type { Forecast } from '../../src/estimate.js'
import type { HealthReport } from '../health/health.js'
import type { Load, LoadReport } from '../load/load.js'
import type { SinkStatus } from '../sinks/sink.js'

/** A forecast for one who asked for it. */
export interface RequestedForecast extends Forecast {
  /** Its key is silent: nothing has come of it for `learn.idle` seconds. */
  readonly stale?: true
}

/** What a publisher asks of the pipeline behind it. */
export interface Service {
  /** Says what is to be shed. */
  readonly load: Load
  /** How it stands now. */
  readonly status: () => ServiceStatus
  /** A forecast made now; undefined when the key is not known. Changes nothing in the learner. */
  readonly forecast: (
    key: string,
    horizon: number,
    points: number,
  ) => RequestedForecast | undefined | Promise<RequestedForecast | undefined>
}

/** How a pipeline fares. */
export interface ServiceStatus {
  /** Is the feed connected? */
  readonly connected: boolean
  /** Names of the channels, as far as they are known. */
  readonly channels: readonly string[]
  /** Keys that have a learner. */
  readonly keys: number
  /** Keys that are silent; always 0 where `learn.idle` is not set. */
  readonly silent: number
  /** Seconds since the last message came in; undefined before the first. */
  readonly lastObservationAge: number | undefined
  /** Seconds since the last checkpoint; undefined when there is none. */
  readonly checkpointAge?: number | undefined
  /** What is wrong, if anything. */
  readonly health: HealthReport
  /** What waits, and how long learning takes. */
  readonly load: LoadReport
  /** How each sink stands. */
  readonly sinks: readonly SinkStatus[]
  /** Numbers that only grow, by name; groups of them by code. */
  readonly counters: Readonly<Record<string, number | Readonly<Record<string, number>>>>
}
