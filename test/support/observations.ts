import type { Observation } from '../../src/observation.js'

/** The value of a channel that was not measured. */
export const MISSING = Number.NaN

/** An observation of the key `k`; NaN is a missing value. */
export function at(t: number, ...y: number[]): Observation {
  return keyed('k', t, ...y)
}

export function keyed(key: string, t: number, ...y: number[]): Observation {
  return { key, t, y: Float64Array.from(y) }
}

/** Two channels of a slow oscillation, one observation a second, the same every time. */
export function oscillation(count: number, key = 'k'): Observation[] {
  return Array.from({ length: count }, (_, i) => keyed(key, i, Math.sin(i / 4), Math.cos(i / 4)))
}

/** The same as messages of the native format. */
export function oscillationMessages(count: number, key?: string): string[] {
  return oscillation(count).map(({ t, y }) =>
    JSON.stringify({ ...(key !== undefined && { key }), t, y: Array.from(y) }),
  )
}
