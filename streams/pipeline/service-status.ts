import type { RunCheckpoints } from '../checkpoint/run-checkpoints.js'
import type { ServiceStatus } from '../publisher/service.js'
import type { SilentKeys } from '../time/silent-keys.js'
import type { Connection } from './connection.js'
import type { Progress } from './pipeline-options.js'

/** What a status says besides the progress of the run. */
export interface StatusParts {
  /** Milliseconds, of the clock of the run. */
  readonly now: number
  /** When the last message came; undefined before the first. */
  readonly lastArrival: number | undefined
  readonly connection: Connection
  readonly silent: SilentKeys
  readonly checkpoints: RunCheckpoints | undefined
}

/** How a run is doing, as its subscribers are told. Ages are in seconds. */
export function serviceStatus(
  { ignored, estimates, deadLetters, channels, scores, health, load, sinks, accounting, learning }: Progress,
  { now, lastArrival, connection, silent, checkpoints }: StatusParts,
): ServiceStatus {
  const { written = 0, failed = 0, writtenAt } = checkpoints ?? {}
  const age = (since: number | undefined) => since && (now - since) / 1000
  return {
    connected: connection.connected,
    channels,
    keys: scores.size,
    silent: silent.size,
    lastObservationAge: age(lastArrival),
    checkpointAge: age(writtenAt),
    health,
    load: load.report,
    sinks,
    counters: {
      ...accounting,
      ignored,
      estimates,
      learning: { ...learning },
      deadLetters: Object.fromEntries(deadLetters),
      checkpoints: { written, failed },
      ...connection.counters,
    },
  }
}
