import type { Forecast } from '../../src/estimate.js'

/** What a publisher asks of the pipeline behind it. */
export interface Service {
  readonly status: () => ServiceStatus
  /** A forecast made now; undefined when the key is not known. Changes nothing in the learner. */
  readonly forecast: (
    key: string,
    horizon: number,
    points: number,
  ) => Forecast | undefined | Promise<Forecast | undefined>
}

/** How a pipeline fares. */
export interface ServiceStatus {
  /** Is the feed connected? */
  readonly connected: boolean
  readonly channels: readonly string[]
  /** Keys that have a learner. */
  readonly keys: number
  /** Seconds since the last message came in; undefined before the first. */
  readonly lastObservationAge: number | undefined
  /** Seconds since the last checkpoint; undefined when there is none. */
  readonly checkpointAge?: number | undefined
  /** Numbers that only grow, by name; groups of them by code. */
  readonly counters: Readonly<Record<string, number | Readonly<Record<string, number>>>>
}
