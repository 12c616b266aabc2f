import type { TimeUnit } from './names.js'

/** Units in a second. */
const PER_SECOND: Readonly<Record<TimeUnit, number>> = { s: 1, ms: 1e3, us: 1e6, ns: 1e9 }

/** A number in this unit, in seconds. Whole milliseconds give the double nearest to the true value. */
export function toSeconds(value: number, unit: TimeUnit): number {
  return unit === 's' ? value : value / PER_SECOND[unit]
}

const ISO = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(\.\d+)?(Z|[+-]\d{2}:?\d{2})$/

/**
 * Seconds since 1970 of an ISO 8601 date with zone, to the microsecond (`Date.parse` cuts it to milliseconds).
 * @returns undefined when the text is not one.
 */
export function parseIso(text: string): number | undefined {
  const [, day, clock, fraction = '', zone] = ISO.exec(text) ?? []
  if (day === undefined || !isDay(day)) return undefined
  const whole = Date.parse(`${day}T${clock}${zone}`) / 1000
  return Number.isNaN(whole) ? undefined : whole + Number(`0${fraction}`)
}

/** `Date.parse` takes February 30 for March 1. */
function isDay(day: string): boolean {
  return new Date(day).getUTCDate() === Number(day.slice(-2))
}
