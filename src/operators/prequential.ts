import { defer, map, type OperatorFunction } from 'rxjs'
import type { Estimate } from '../estimate.js'
import { PrequentialScore, type Scores } from '../learn/prequential-score.js'

/**
 * Estimate → running scores: the errors of the predictions so far, each made before its observation was learned, beside those of persistence,
 * channel by channel. One `Scores` an estimate, the warm-up included; late and corrected observations count for nothing.
 *
 *     estimates   --a--b--c--|
 *     scores      --1--2--3--|
 */
export function prequential(): OperatorFunction<Estimate, Scores> {
  return source =>
    defer(() => {
      const score = new PrequentialScore()
      return source.pipe(map(estimate => score.observe(estimate)))
    })
}
