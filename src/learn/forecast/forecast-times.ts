/**
 * Where a look ahead stops: at the horizons, and at grid times so far apart before the last of them, all in one ascending row.
 * @param horizons Ascending.
 */
export function forecastTimes(horizons: readonly number[], spacing: number): number[] {
  const end = horizons.at(-1) ?? 0
  const grid = Array.from({ length: Math.floor(end / spacing) }, (_, i) => (i + 1) * spacing)
  return [...new Set([...grid, ...horizons])].sort((a, b) => a - b)
}
