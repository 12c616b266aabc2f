import { TIME_UNITS } from '../names.js'
import { likelyUnit, OF_OUR_DAYS } from '../time.js'

/** What is known of the times of a key, seconds. */
export interface TimesSoFar {
  /** NaN before the first. */
  readonly last: number
  /** A usual one. */
  readonly gap: number
  /** From the first to the last. */
  readonly span: number
}

/** No clock shows seconds since 1970 like these: the year 2286. */
const BEYOND = 1e10
const [MONTH, GAPS] = [30 * 86_400, 8]
/** A time between a five-hundredth and five hundred times of the last one is in its unit. */
const CLOSE = 500

/** Quickly: is it of the size of the last one? */
export function isOfSize(t: number, last: number): boolean {
  return !(last > 0 && t > 0) || (t < last * CLOSE && t * CLOSE > last)
}

/** Is it beyond all times of our days, without the ones before having gone there? */
export function isOfNoDay(t: number, last: number): boolean {
  if (t < BEYOND || last >= BEYOND) return false
  return Number.isNaN(last) || likelyUnit(last) === 's' || powerOfOurDays(t) > 0
}

/** The power of 1000 by which a time of our days is too large; 0 when it is by none. */
export function powerOfOurDays(t: number): number {
  const unit = likelyUnit(t)
  return unit === undefined ? 0 : TIME_UNITS.indexOf(unit)
}

/** 1000^power, for powers from −3 to 3. */
export function scaleOf(power: number): number {
  return power < 0 ? 1 / SCALES[-power]! : SCALES[power]!
}

const SCALES = [1, 1e3, 1e6, 1e9]
const POWERS = [1, -1, 2, -2, 3, -3]

/** Divided by which power of 1000 the time stands where the next one is expected; 0 for none. */
export function powerOfTime(t: number, { last, gap, span }: TimesSoFar): number {
  const least = last - Math.min(GAPS * gap, last / 4)
  const most = last + Math.max(GAPS * gap, span, last >= OF_OUR_DAYS.from ? MONTH : 0)
  return POWERS.find(power => least <= t / scaleOf(power) && t / scaleOf(power) <= most) ?? 0
}
