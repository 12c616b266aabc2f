import type { TimeUnit } from '../../names.js'
import { likelyUnit, parseIso, parseTime, toSeconds } from '../../time.js'

/** Year, month and day between "-" or "/"; perhaps a time of day; perhaps a zone, which Go writes twice. */
const DATE =
  /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)([.,]\d{1,12})?)?\s?(Z|UTC|[+-]\d{2}:?\d{2})?(?: [A-Z]{3,4})?$/

/** How times are written. */
export interface TimeFormat {
  /** Of numbers. Default s. */
  readonly unit?: TimeUnit | 'auto'
  /** Of dates without a zone. Default none: they are refused. */
  readonly zone?: string
}

/**
 * Seconds that a number or text stands for: numbers in the unit, ISO 8601, and what other programs write instead
 * (2026/11/23 01:20, 2026-11-23 01:20:19.866 +0000 UTC). To the microsecond in our days.
 * @returns undefined when it is none of these, or has no zone.
 */
export function secondsOf(time: unknown, { unit = 's', zone }: TimeFormat): number | undefined {
  if (typeof time === 'number') return toSeconds(time, unitOf(time, unit))
  if (typeof time !== 'string' || time.length > 64) return undefined
  const text = time.trim()
  if (/^[-+]?[\d.]+$/.test(text)) return parseTime(text.replace(/^\+/, ''), unitOf(Number(text), unit))
  const [, year, month, day, clock = '00:00', fraction = '', own = zone] = DATE.exec(text) ?? []
  if (year === undefined || own === undefined) return undefined
  return parseIso(`${year}-${month}-${day}T${clock}${fraction.replace(',', '.')}${own === 'UTC' ? 'Z' : own}`)
}

function unitOf(value: number, unit: TimeUnit | 'auto'): TimeUnit {
  return unit === 'auto' ? (likelyUnit(value) ?? 's') : unit
}
