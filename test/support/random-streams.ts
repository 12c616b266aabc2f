import fc from 'fast-check'
import type { Observation } from '../../src/observation.js'

/** Gaps in seconds: one in ten zero, the others from a nanosecond to eleven days, every size as often. */
const gap = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 9, arbitrary: fc.integer({ min: -90, max: 60 }).map(n => 10 ** (n / 10)) },
)

/** Mostly of size one; some that are missing, and what a double can be at worst. */
const value = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -300, max: 300 }).map(n => n / 100) },
  { weight: 2, arbitrary: fc.constant(Number.NaN) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, 5e-324, 1e-310, 1e300, -1e300) },
)

/** Observations as FAULTS.md §3.7 draws them, in the order of their times. */
export function randomStream({
  channels = 2,
  least = 1,
  most = 60,
}: {
  readonly channels?: number
  readonly least?: number
  readonly most?: number
} = {}): fc.Arbitrary<Observation[]> {
  const values = fc.array(value, { minLength: channels, maxLength: channels })
  return fc.array(fc.tuple(gap, values), { minLength: least, maxLength: most }).map(events => {
    let t = 0
    return events.map(([dt, y]) => ({ key: 'k', t: (t += dt), y: Float64Array.from(y) }))
  })
}

/** Observations of two channels of size one, a few eighths of a second apart: differences of their times are exact. */
export function tameStream(least: number, most: number): fc.Arbitrary<Observation[]> {
  const tick = fc.integer({ min: 1, max: 16 })
  const level = fc.integer({ min: -300, max: 300 }).map(n => n / 100)
  return fc.array(fc.tuple(tick, level, level), { minLength: least, maxLength: most }).map(events => {
    let t = 0
    return events.map(([n, ...y]) => ({ key: 'k', t: (t += n / 8), y: Float64Array.from(y) }))
  })
}
