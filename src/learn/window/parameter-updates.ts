import { isMeasured } from '../../observation.js'
import type { Model } from '../model/model.js'
import { unlessOwnPartFails } from '../model/own-part.js'
import { Guard } from '../rules/guard.js'
import type { LearningRule, RuleReport } from '../rules/learning-rule.js'
import type { Label } from './labels.js'
import type { WindowSweep } from './window-sweep.js'

/**
 * When and how the parameters follow: at every `stride`-th observation, by the rule, under the guard. Parts of one's own that throw
 * leave everything as it was.
 */
export class ParameterUpdates {
  readonly rule: LearningRule
  readonly guard: Guard
  /** Updates made, and observations since the last one. */
  readonly counters = Float64Array.of(0, 0)
  /** Predictive variance of the observation looked at last [channels]: the rule's, until somebody sets an earlier one again. */
  readonly variance: Float64Array
  readonly #swept: WindowSweep
  readonly #stride: number

  constructor(model: Model, rule: LearningRule, swept: WindowSweep, stride: number) {
    this.rule = rule
    this.guard = new Guard(model, rule)
    this.variance = rule.variance.slice()
    this.#swept = swept
    this.#stride = stride
  }

  /** Counts an observation. @returns Is it its turn to be learned from? */
  isDue(): boolean {
    return ++this.counters[1]! >= this.#stride
  }

  /** Looks at the prediction of observation `index`, which the sweep has reached. @returns Why that is not possible. */
  assess(index: number): string | undefined {
    return unlessOwnPartFails<string | undefined>(
      () => {
        this.rule.assess(this.#swept.sweep, index)
        this.variance.set(this.rule.variance)
        return undefined
      },
      sentence => sentence,
    )
  }

  /** Learns from observation `index`, which has been assessed. */
  learn(index: number): RuleReport {
    return unlessOwnPartFails(
      () => this.#update(index),
      rejected => ({ gradientNorm: 0, rejected }),
    )
  }

  #update(index: number): RuleReport {
    const { sweep, labels } = this.#swept
    if (!sweep.observed(index).some(isMeasured)) return { gradientNorm: 0 }
    const label = labels.at(index)
    const { evidence, ...report } = this.guard.learn(sweep, index, label.id !== undefined)
    label.evidence = evidence
    this.variance.set(this.rule.variance)
    if (report.rejected === undefined) {
      this.counters[0]!++
      this.counters[1] = 0
    }
    return report
  }

  /**
   * Takes back what was learned of observation `index` and later, newest first, where the rule can.
   * @returns Of those after it, the ones that are to be learned anew, oldest first.
   */
  unlearn(index: number): Label[] {
    const { labels } = this.#swept
    const { rule } = this
    const unlearned: Label[] = []
    for (let i = labels.length - 1; i >= index; i--) {
      const label = labels.at(i)
      const { evidence } = label
      if (!evidence || !rule.unlearn || rule.unlearn(evidence).rejected !== undefined) continue
      label.evidence = undefined
      if (i > index) unlearned.unshift(label)
    }
    return unlearned
  }

  /** Learns again what has been unlearned, where the sweep still gets there. */
  relearn(label: Label): void {
    const swept = this.#swept
    const index = swept.labels.placeOfLabel(label)
    if (swept.reach(index) !== undefined) return
    unlessOwnPartFails(
      () => {
        this.rule.assess(swept.sweep, index)
        label.evidence = this.rule.learn(swept.sweep, index, true).evidence
      },
      () => {},
    )
  }
}
