import type { Estimate, Forecast, UpdateReport } from '../../src/estimate.js'

/** A message on its way to the sinks, serialised once for all of them. */
export interface Outgoing {
  readonly kind: 'estimate' | 'forecast'
  readonly key: string
  /** The message as one JSON document, without line end. */
  readonly line: string
  /** The line with its end, in UTF-8, where another thread has made it. */
  readonly bytes?: Uint8Array
  /** An estimate whose observation was predicted, but not learned. */
  readonly skipped: boolean
  /** What else its learner did, as in its update report. */
  readonly guard?: NonNullable<UpdateReport['guard']>
  readonly clipped?: number
  /** Channels that are stuck, as in the estimate: how many. */
  readonly stuck?: number
  /** From a worker thread it is parsed at every look. */
  readonly message: Estimate | Forecast
}

/** Serialises a message. */
export function outgoing(message: Estimate | Forecast): Outgoing {
  const kind = 'forecast' in message ? 'forecast' : 'estimate'
  const { rejected, guard, clipped }: Partial<UpdateReport> = 'update' in message ? message.update : {}
  const { stuck }: Partial<Estimate> = 'update' in message ? message : {}
  const skipped = rejected !== undefined
  return {
    kind,
    key: message.key,
    line: JSON.stringify(message),
    skipped,
    ...(guard && { guard }),
    ...(clipped && { clipped }),
    ...(stuck && { stuck: stuck.length }),
    message,
  }
}
