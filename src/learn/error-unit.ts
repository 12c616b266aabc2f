import { withinDoubles } from './within-doubles.js'

/**
 * Sums of squares of numbers of any size. As long as none is so large that squares might overflow, the unit they are summed in is one, and sums
 * are what one expects; from then on it is 2⁶⁰⁰, of which everything a double holds has a square, and what is small beside it vanishes.
 */
export interface ErrorUnit {
  /** What a number is multiplied by before it is summed: 1 or 2⁻⁶⁰⁰. */
  unit: number
}

/** Changes the unit of sums where a number of this size asks for it. @param shrink Multiplies sums by this, those of squares twice. */
export function makeRoom(sums: ErrorUnit, size: number, shrink: (factor: number) => void): void {
  if (!(size > LARGE) || sums.unit !== 1) return
  sums.unit = SMALL
  shrink(SMALL)
}

/** a − b, within what a double holds. */
export function difference(a: number, b: number): number {
  return withinDoubles(a - b)
}

/** A number that was summed in a unit, in its own again, within what a double holds. */
export function inOwnUnit(value: number, unit: number): number {
  return value > 0 ? Math.min(value / unit, Number.MAX_VALUE) : value
}

const LARGE = 1e150
const SMALL = 2 ** -600
