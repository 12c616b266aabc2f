import { Learner } from '../../src/learn/learner.js'
import type { SystemName } from '../../src/names.js'
import { fromNullable } from '../../src/observation.js'
import { simulate } from '../../streams/simulate/simulate.js'
import { systems } from '../../streams/simulate/systems.js'
import { KnowingFilter } from '../support/kalman-filter.js'

/** A stream whose equations are known, and how near to the filter that knows them the default learner must come. */
export interface KnownSystem {
  readonly system: SystemName
  readonly missing?: number
  readonly hide?: readonly string[]
  /** Process noise of the knowing filter, share of the measurement variance. */
  readonly inflation: number
  /** Largest median of RMSE / RMSE of the knowing filter over observations 300–500 and 2000–3000. */
  readonly early: number
  readonly late: number
}

/** The default pipeline, no tuning for any of them. The bounds are those of the issue that asked for them. */
export const KNOWN_SYSTEMS: readonly KnownSystem[] = [
  { system: 'van-der-pol', inflation: 1e-4, early: 2, late: 1.1 },
  { system: 'lotka-volterra', inflation: 1e-4, early: 2, late: 1.1 },
  { system: 'spiral', missing: 0.4, inflation: 1e-4, early: 2, late: 1.1 },
  { system: 'pendulum', hide: ['velocity'], inflation: 1e-4, early: 2, late: 1.15 },
  { system: 'lorenz', inflation: 1e-2, early: 2.5, late: 1.3 },
]

export interface KnownSystemResult {
  readonly early: number
  readonly late: number
  /** RMSE of the knowing filter over 2000–3000 in units of the noise: about 1, or it would be no reference. */
  readonly reference: number
}

/** Runs learner and knowing filter side by side over 3000 observations. */
export function compare({ system: name, missing, hide = [], inflation }: KnownSystem, seed: number): KnownSystemResult {
  const system = systems[name]
  const shown = system.channels.map(channel => !hide.includes(channel))
  const learner = new Learner()
  let filter: KnowingFilter | undefined
  const early = new Ratio()
  const late = new Ratio()
  let index = 0
  for (const line of simulate({ system: name, count: 3000, seed, hide, ...(missing && { missing }) })) {
    const { t, y } = JSON.parse(line) as { t: number; y: (number | null)[] }
    const values = fromNullable(y)
    filter ??= begin(system, values, t, inflation)
    const known = filter.observe(t, values)
    const { predicted } = learner.observe({ key: 'a', t, y: values.filter((_, j) => shown[j]!) })
    let channel = 0
    values.forEach((value, j) => {
      if (!shown[j]) return
      const prediction = predicted[channel++]
      if (Number.isNaN(value) || prediction == null) return
      if (index >= 300 && index < 500) early.add(value - prediction, value - known[j]!)
      if (index >= 2000) late.add(value - prediction, value - known[j]!)
    })
    index++
  }
  return { early: early.value, late: late.value, reference: late.reference / system.noise }
}

function begin(
  system: (typeof systems)[SystemName],
  values: Float64Array,
  t: number,
  inflation: number,
): KnowingFilter {
  const start = values.map(value => (Number.isNaN(value) ? 0 : value))
  // What was not measured at the start may be anything of the size of the system.
  const spread = Array.from(values, value => (Number.isNaN(value) ? 2 : system.noise))
  return new KnowingFilter(system, { noise: system.noise, inflation, t, start, spread })
}

/** Root of two sums of squares, and of their ratio. */
class Ratio {
  #ours = 0
  #theirs = 0
  #count = 0

  add(ours: number, theirs: number): void {
    this.#ours += ours ** 2
    this.#theirs += theirs ** 2
    this.#count++
  }

  get value(): number {
    return Math.sqrt(this.#ours / this.#theirs)
  }

  get reference(): number {
    return Math.sqrt(this.#theirs / this.#count)
  }
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!
}
