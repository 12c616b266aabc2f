import { Learner } from '../../src/learn/learner.js'
import type { LearnerOptions } from '../../src/learn/learner-options.js'
import { isWritable, run, simulated } from './streams.js'

/** Powers of ten of seconds: from a microsecond to thirty years, where observations come every 0.3 s or so. */
export const DECADES = Array.from({ length: 16 }, (_, i) => i - 6)

/** What an observation after a gap has cost and said. */
export interface CrossedGap {
  readonly decade: number
  /** Of the field, on the way forward and back. */
  readonly evaluations: number
  readonly milliseconds: number
  /** Of the interval of the first channel. */
  readonly width: number
  /** Every number in it, and in the estimate of the next observation, is finite. */
  readonly finite: boolean
}

/** A learner that has learned sixty observations, for each gap anew, sees the next one after it. */
export function crossGaps(options: LearnerOptions, seed: number): CrossedGap[] {
  const stream = simulated({ system: 'van-der-pol', count: 62, seed })
  return DECADES.map(decade => {
    const learner = new Learner(options)
    run(learner, stream.slice(0, 60))
    const t = stream[59]!.t + 10 ** decade
    const begin = performance.now()
    const estimate = learner.observe({ ...stream[60]!, t })
    const milliseconds = performance.now() - begin
    const next = learner.observe({ ...stream[61]!, t: t + stream[61]!.t - stream[60]!.t })
    const { forward, backward } = estimate.evaluations
    const [low, high] = estimate.interval[0]!
    return {
      decade,
      evaluations: forward + backward,
      milliseconds,
      width: high - low,
      finite: isWritable(estimate) && isWritable(next) && next.update.rejected === undefined,
    }
  })
}
