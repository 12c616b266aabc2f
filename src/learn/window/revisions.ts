import { Allowance, AT_ONCE } from '../allowance.js'
import type { RuleReport } from '../rules/learning-rule.js'
import type { Label } from './labels.js'
import type { ParameterUpdates } from './parameter-updates.js'
import type { GapsAround, WindowSweep } from './window-sweep.js'

/** Changes of the window behind its last observation: what comes late, and what is to be forgotten. */
export class Revisions {
  readonly #swept: WindowSweep
  readonly #updates: ParameterUpdates

  constructor(swept: WindowSweep, updates: ParameterUpdates) {
    this.#swept = swept
    this.#updates = updates
  }

  /**
   * Takes an observation that came late, where it belongs: the sweep runs over the window anyway. Everything after it sees it
   * from the next sweep on.
   * @param index Of the observation it comes before. @param y In the learner's units [channels]; copied.
   * @returns What was learned; the prediction is then the one of there. After a failed sweep nothing has changed.
   */
  insert(index: number, gaps: GapsAround, y: Float64Array, label: Label): RuleReport {
    const swept = this.#swept
    swept.insert(index, gaps, y, label)
    const failure = swept.reach(index)
    if (failure !== undefined) {
      swept.remove(index, gaps)
      swept.predicted.set(swept.known)
      return { gradientNorm: 0, rejected: failure }
    }
    const report = this.#updates.isDue() ? this.#learn(index) : { gradientNorm: 0 }
    swept.slide()
    swept.refreshKnown()
    return report
  }

  #learn(index: number): RuleReport {
    const rejected = this.#updates.assess(index)
    return rejected === undefined ? this.#updates.learn(index) : { gradientNorm: 0, rejected }
  }

  /**
   * Takes an observation out of the window. Where the rule can unlearn, all that was learned since is taken back, newest first, then
   * what was learned from the observation, and the rest is learned anew without it, as far as that is not too much work for one
   * observation: the newest may stay unlearned.
   * @returns What is to be reported; the prediction is then what is predicted there without it.
   */
  remove(index: number, gaps: GapsAround): RuleReport {
    const swept = this.#swept
    const updates = this.#updates
    const { sweep } = swept
    const allowance = new Allowance(AT_ONCE, sweep, sweep.field.parameters.length)
    const unlearned = updates.unlearn(index)
    if (swept.reach(index) === undefined) updates.assess(index)
    else swept.predicted.set(swept.known)
    const predicted = swept.predicted.slice()
    const variance = updates.variance.slice()
    swept.forgetKnown(index)
    swept.remove(index, gaps)
    swept.refreshKnown()
    let relearned = 0
    while (relearned < unlearned.length && !allowance.isSpent) updates.relearn(unlearned[relearned++]!)
    swept.predicted.set(predicted)
    updates.variance.set(variance)
    if (relearned === unlearned.length) return { gradientNorm: 0 }
    return { gradientNorm: 0, rejected: tooMuch(relearned, unlearned.length) }
  }
}

function tooMuch(relearned: number, unlearned: number): string {
  return `Taken back, but only ${relearned} of the ${unlearned} observations behind it were learned anew: each takes very many evaluations.`
}
