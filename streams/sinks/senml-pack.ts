import type { Estimate, Forecast } from '../../src/estimate.js'

/** A record of SenML, as far as we write them. @see RFC 8428 */
export interface SenmlRecord {
  /** Of all records of the pack: what their names begin with. */
  readonly bn?: string
  /** Of all records of the pack: seconds since 1970. */
  readonly bt?: number
  /** Rest of the name. */
  readonly n: string
  /** Seconds after `bt`. */
  readonly t?: number
  readonly v: number
}

/**
 * An estimate or a forecast as a pack of SenML: KEY/CHANNEL is what was observed; KEY/CHANNEL/predicted, /low and /high what was
 * expected; KEY/score the anomaly score. What is null is left out.
 * @remarks Readers take times below 2^28 for relative: only event times since 1970 are understood as meant.
 */
export function senmlPack(message: Estimate | Forecast, channels: readonly string[]): SenmlRecord[] {
  const records: SenmlRecord[] = []
  const add = (n: string, v: number | null | undefined, t?: number) => {
    if (typeof v === 'number') records.push({ n, v, ...(t !== undefined && { t }) })
  }
  const name = (j: number) => channels[j] ?? `c${j}`
  if ('forecast' in message)
    for (const { t, predicted, interval } of message.forecast)
      predicted.forEach((value, j) => {
        add(`${name(j)}/predicted`, value, t - message.t)
        add(`${name(j)}/low`, interval[j]?.[0], t - message.t)
        add(`${name(j)}/high`, interval[j]?.[1], t - message.t)
      })
  else {
    message.observed.forEach((value, j) => {
      add(name(j), value)
      add(`${name(j)}/predicted`, message.predicted[j])
      add(`${name(j)}/low`, message.interval[j]?.[0])
      add(`${name(j)}/high`, message.interval[j]?.[1])
    })
    add('score', message.score)
  }
  return records.map((record, i) => (i === 0 ? { bn: `${senmlName(message.key)}/`, bt: message.t, ...record } : record))
}

/** A key with nothing but what a name may hold. */
function senmlName(key: string): string {
  return key.replace(/[^A-Za-z0-9\-:./_]/g, '_').replace(/^[^A-Za-z0-9]/, 'x')
}
