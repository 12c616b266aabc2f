import { TIME_UNITS, type TimeUnit } from './names.js'

/** Units in a second. */
const PER_SECOND: Readonly<Record<TimeUnit, number>> = { s: 1, ms: 1e3, us: 1e6, ns: 1e9 }

/** A number in this unit, in seconds. Whole milliseconds give the double nearest to the true value. */
export function toSeconds(value: number, unit: TimeUnit): number {
  return unit === 's' ? value : value / PER_SECOND[unit]
}

/** Seconds, in this unit. */
export function fromSeconds(seconds: number, unit: TimeUnit): number {
  return seconds * PER_SECOND[unit]
}

/** Seconds since 1970 that a clock of our days may show: September 2001 to October 2096. No two units have numbers in common. */
export const OF_OUR_DAYS = { from: 1e9, to: 4e9 }

/**
 * The unit in which this number is a time of our days; undefined when it is one in none, as times that count from
 * somewhere else are.
 */
export function likelyUnit(value: number): TimeUnit | undefined {
  return TIME_UNITS.find(unit => {
    const seconds = value / PER_SECOND[unit]
    return OF_OUR_DAYS.from <= seconds && seconds < OF_OUR_DAYS.to
  })
}

const DIGITS = /^-?\d{1,24}(\.\d{1,18})?$/

/**
 * Seconds that a text stands for: an ISO 8601 date with zone, or a number in this unit, which may have more digits than a double
 * (nanoseconds since 1970 have 19). Both to the microsecond in our days.
 * @returns undefined when the text is neither.
 */
export function parseTime(text: string, unit: TimeUnit): number | undefined {
  if (!DIGITS.test(text)) return parseIso(text)
  const value = Number(text)
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return toSeconds(value, unit)
  const perSecond = BigInt(PER_SECOND[unit])
  const units = BigInt(text.split('.')[0]!)
  return Number(units / perSecond) + toSeconds(Number(units % perSecond), unit)
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
