/** The nearest number that a double holds: what is beyond the largest becomes the largest, which JSON can write; NaN stays. */
export function withinDoubles(value: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value))
}
