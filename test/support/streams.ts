import { isDeepStrictEqual } from 'node:util'
import type { Estimate } from '../../src/estimate.js'
import type { Learner } from '../../src/learn/learner.js'
import { fromNullable, type Observation } from '../../src/observation.js'
import { type SimulateOptions, simulate } from '../../streams/simulate/simulate.js'

/** A simulated stream as the engine sees it. */
export function simulated(options: SimulateOptions): Observation[] {
  return Array.from(simulate(options), message => {
    const { t, y } = JSON.parse(message) as { t: number; y: (number | null)[] }
    return { key: 'k', t, y: fromNullable(y) }
  })
}

/** Shows a stream to a learner. */
export function run(learner: Learner, stream: readonly Observation[]): Estimate[] {
  return stream.map(observation => learner.observe(observation))
}

/** Can it be written as JSON without loss? NaN and Infinity would become null. */
export function isWritable(value: unknown): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value)
}

/** RMSE of the predictions and of persistence over the last `count` estimates, every channel in its own unit. */
export function lateErrors(estimates: readonly Estimate[], count: number): { model: number; persistence: number } {
  let [model, persistence, values] = [0, 0, 0]
  for (let i = estimates.length - count; i < estimates.length; i++) {
    const { observed, predicted } = estimates[i]!
    observed.forEach((value, j) => {
      model += (value! - predicted[j]!) ** 2
      persistence += (value! - estimates[i - 1]!.observed[j]!) ** 2
      values++
    })
  }
  return { model: Math.sqrt(model / values), persistence: Math.sqrt(persistence / values) }
}
