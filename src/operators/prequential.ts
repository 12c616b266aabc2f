import { defer, map, type OperatorFunction } from 'rxjs'
import type { Estimate } from '../estimate.js'
import { PrequentialScore, type Scores } from '../learn/prequential-score.js'

/** Estimate → running scores, each prediction counted before its observation was learned. One `Scores` an estimate. */
export function prequential(): OperatorFunction<Estimate, Scores> {
  return source =>
    defer(() => {
      const score = new PrequentialScore()
      return source.pipe(map(estimate => score.observe(estimate)))
    })
}
