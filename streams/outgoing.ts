import type { Estimate, Forecast } from '../src/estimate.js'

/** A message on its way to the sinks, serialised once for all of them. */
export interface Outgoing {
  readonly kind: 'estimate' | 'forecast'
  readonly key: string
  /** The message as one JSON document, without line end. */
  readonly line: string
  /** From a worker thread it is parsed at every look. */
  readonly message: Estimate | Forecast
}

/** Serialises a message. */
export function outgoing(message: Estimate | Forecast): Outgoing {
  const kind = 'forecast' in message ? 'forecast' : 'estimate'
  return { kind, key: message.key, line: JSON.stringify(message), message }
}
