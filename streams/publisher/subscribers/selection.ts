import type { Topic } from '../../sinks/sink.js'
import type { Publication } from './publication.js'

/** Which topics a subscriber wants. */
export interface Filter {
  /** Undefined: all. */
  readonly keys: ReadonlySet<string> | undefined
  readonly forecasts: boolean
}

/** What a subscriber gets. */
export interface Selection {
  readonly filter: Filter
  /** Only what has a higher sequence number. */
  readonly after: number
  /** Sent before everything else. */
  readonly first: readonly Publication[]
}

export function passes({ keys, forecasts }: Filter, { key, kind }: Topic): boolean {
  return (keys === undefined || keys.has(key)) && (forecasts || kind !== 'forecast')
}

/** Does the filter let every topic through? */
export function passesAll({ keys, forecasts }: Filter): boolean {
  return keys === undefined && forecasts
}
